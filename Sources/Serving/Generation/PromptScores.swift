import PenstockPipelines
import Synchronization

/// The likelihood of the tokens of a sequence's prompt, as far as it is known.
///
/// Each token but the first is scored by the logits of the one before it. What was found stays when the sequence is set
/// back, since it would be found again to the bit.
final class PromptScores {
    private let prompt: [Int32]
    private let likeliest: Int
    /// The first tokens of the prompt, up to the last whose score was taken in.
    private var tokens: [ChosenToken]
    private let shared = Mutex(Shared())

    /// State of the threads that score different tokens at a time.
    private struct Shared {
        var scorers: [PromptScorer] = []
        var found: [Int: Result<ChosenToken, PipelineError>] = [:]
    }

    /// - Parameters:
    ///   - prompt: at least one token
    ///   - likeliest: how many of the likeliest tokens are told of each place
    init(of prompt: [Int32], likeliest: Int) {
        (self.prompt, self.likeliest) = (prompt, likeliest)
        tokens = prompt.prefix(1).map { ChosenToken(id: $0) }
    }

    /// True once all tokens have scores, but for the first.
    var isComplete: Bool { tokens.count == prompt.count }

    /// The tokens of a part of the sequence by whose logits tokens behind them are to be scored; none of the last.
    func rows(of part: Range<Int>) -> Range<Int> {
        let end = min(part.upperBound, prompt.count - 1)
        return min(max(part.lowerBound, tokens.count - 1), end)..<end
    }

    /// Scores the token behind one. Those of several places are scored on several threads at a time.
    ///
    /// - Parameters:
    ///   - logits: of the token before it
    ///   - row: the place of the token before it
    func score(_ logits: UnsafeMutableBufferPointer<Float>, behind row: Int) {
        var scorer = shared.withLock { $0.scorers.popLast() } ?? PromptScorer(likeliest: likeliest)
        let found: Result<ChosenToken, PipelineError>
        do throws(PipelineError) {
            found = .success(try scorer.score(prompt[row + 1], by: logits))
        } catch {
            found = .failure(error)
        }
        shared.withLock { shared in
            shared.scorers.append(scorer)
            shared.found[row + 1] = found
        }
    }

    /// Takes in what was found in a step.
    ///
    /// - Returns: what is wrong with scores that are no numbers.
    func settle() -> PipelineError? {
        let found = shared.withLock { exchange(&$0.found, with: [:]) }
        while let next = found[tokens.count] {
            do throws(PipelineError) { tokens.append(try next.get()) } catch { return error }
        }
        return nil
    }

    /// Tokens of the prompt in one piece: what is made of a piece holds up the thread that does it.
    private static let tokensPerPiece = 64

    /// The prompt in pieces, each of as many tokens as a thread makes ready at a time.
    func pieces(of sequence: Int) -> [GeneratedPiece] {
        stride(from: 0, to: tokens.count, by: Self.tokensPerPiece).map { start in
            GeneratedPiece(
                sequence: sequence, prompt: Array(tokens[start...].prefix(Self.tokensPerPiece)), token: nil, text: "",
                end: nil)
        }
    }
}
