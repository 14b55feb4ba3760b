import PenstockCompute
import PenstockModels
import PenstockPipelines

/// One sequence of a request that generates: its tokens, its pages, and what chooses and ends.
///
/// It waits without pages, has begun with them, or has ended. Set back, it waits again, and its keys and values are
/// computed once more, to the same bits.
final class GenerationSequence {
    /// The number among the sequences of its request.
    let index: Int
    let promptLength: Int
    /// Those of the prompt and of the answer so far.
    private(set) var tokens: [Int32]
    /// Its pages, in a beam search those of each beam; none unless it has begun.
    private(set) var decoders: [DecoderSequence] = []
    /// The number of its first beginning among all of the model; the least is the oldest.
    private(set) var age: Int?
    /// The number of times that it was set back.
    private(set) var setBacks = 0
    /// True if it waits for its reader to take something.
    var isPaused = false
    /// The pieces that its last tokens added; taken by ``takePieces()``.
    private var pieces: [GeneratedPiece] = []
    private(set) var hasEnded = false
    /// True once it has ended and all that it found was handed out: sequences of a step end together and are delivered
    /// one by one.
    var hasBeenDelivered: Bool { hasEnded && pieces.isEmpty }
    private(set) var failure: PipelineError?
    /// The time of its last token.
    var lastTokenTime: ContinuousClock.Instant?
    /// Further choices for the same prompt, which begin as copies of this sequence.
    private(set) var followers: [GenerationSequence]

    private var chooser: TokenChooser
    private var stops: StopConditions
    private var text: TextStream
    private var stopGate: StopGate
    /// Nil unless it searches with beams.
    private var search: SequenceSearch?
    /// Nil unless it tells how likely the tokens of its prompt are, for itself and for those that begin as copies of it.
    let scores: PromptScores?
    private var hasToldPrompt = false
    /// Nil if its next tokens are not guessed.
    private var lookup: PromptLookup?
    /// The guess that may be computed with its next token, and is checked by what is chosen.
    private var guess: [Int32] = []
    /// Its tokens when the step began, and the guesses that are in the step.
    private var begun = (tokens: 0, guesses: 0)
    private let generation: SequenceGeneration
    private let limit: Int
    /// The angles are fixed by the most tokens that it can have.
    private let extent: Int
    private let outputs: Int

    /// - Parameters:
    ///   - prompt: its tokens, at least one
    ///   - limit: tokens that it has at most, those of the prompt or more
    ///   - outputs: numbers of a row of logits
    ///   - lookup: tokens that are guessed at most
    init(
        index: Int, prompt: [Int32], _ generation: SequenceGeneration, limit: Int, outputs: Int, lookup: Int,
        followers: [GenerationSequence] = []
    ) {
        self.index = index
        self.followers = followers
        (tokens, promptLength, self.outputs) = (prompt, prompt.count, outputs)
        (self.generation, self.limit) = (generation, limit)
        let settings = generation.settings
        chooser = TokenChooser(
            settings, prompt: prompt, choice: generation.choice, seed: generation.seed, limit: limit,
            structure: generation.structure)
        stops = StopConditions(settings, promptLength: prompt.count, limit: limit)
        (text, stopGate) = (generation.textStream, generation.stopGate(promptLength: prompt.count))
        extent = settings.longest(promptLength: prompt.count, limit: limit)
        let scored = generation.choice == 0 ? settings.promptLogprobs : nil
        scores = scored.map { PromptScores(of: prompt, likeliest: $0) }
        self.lookup = lookup > 0 && settings.numBeams == 1 ? PromptLookup(most: lookup) : nil
    }

    /// Tokens of the answer so far.
    var generated: Int { tokens.count - promptLength }
    /// Its pages, in a beam search those of the best beam.
    var decoder: DecoderSequence? { decoders.first }
    /// Tokens whose keys and values are not in pages.
    var missing: Int { tokens.count - (decoder?.length ?? 0) }
    /// Steps until it ends, at most, once its prompt is computed.
    var stepsLeft: Int { max(0, extent - max(tokens.count, decoder?.length ?? 0)) }
    /// Begins a step: takes what it appends to the pages of each of its decoders, from those tokens on that are
    /// missing.
    ///
    /// - Parameters:
    ///   - count: how many tokens at most
    ///   - guesses: how many guesses behind them, if they are all that are missing
    /// - Returns: what it appends, and of what of that logits are made.
    func next(_ count: Int, guesses: Int) -> SequencePart {
        begun = (tokens.count, 0)
        if let search, isSearching {
            return SequencePart(appended: zip(decoders, search.tokens).map { ($0, [$1]) }, chosen: 1, isComplete: true)
        }
        guard let decoder else { return SequencePart() }
        let ids = tokens[decoder.length...].prefix(count)
        var part = SequencePart(appended: [(decoder, ids)])
        if let scores { part.scored = scores.rows(of: decoder.length..<decoder.length + ids.count) }
        part.isComplete = ids.count == missing
        guard part.isComplete, !endsBehindPrompt else { return part }
        begun.guesses = min(guesses, guess.count)
        part.appended = [(decoder, ids + guess.prefix(begun.guesses))]
        part.chosen = 1 + begun.guesses
        return part
    }

    /// True as long as logits of its prompt are needed, so that it cannot begin with what others have computed.
    var scoresPrompt: Bool { !(scores?.isComplete ?? true) }
    private var endsBehindPrompt: Bool { generation.settings.endsBehindPrompt }

    /// True if its rows of logits are those of beams, which several threads may read at one time.
    var isSearching: Bool { !(search?.tokens.isEmpty ?? true) }
    private var beams: Int { generation.settings.numBeams }

    /// Pages that have to be free for it to begin: those of its tokens and of the next, and one for each copy of it.
    var openingPages: Int { PageShape.pages(for: min(tokens.count + 1, extent)) + max(followers.count, beams - 1) }

    /// The part of it that is computed next.
    var slice: Slice {
        if isSearching, let length = decoder?.length {
            return Slice(
                sequence: index, tokens: length..<length + decoders.count, outputs: decoders.count * outputs,
                kind: .decode)
        }
        let kind: Slice.Kind =
            decoder == nil
            ? .opening(pages: openingPages, wasSetBack: setBacks > 0)
            : generated > 0 && missing == 1 ? .decode : .rest
        let guesses = kind == .decode ? guess.count : 0
        let rows = scoresPrompt ? missing : endsBehindPrompt ? 0 : 1 + guesses
        return Slice(
            sequence: index, tokens: tokens.count - missing..<tokens.count + guesses, outputs: rows * outputs,
            kind: kind, guesses: guesses, isReadWhole: scoresPrompt)
    }

    // MARK: Pages

    /// Begins with what others have computed of its first tokens, perhaps of none.
    func begin(_ rotation: SequenceRotation, _ prefix: CachedPrefix, age: Int, in pool: PagePool) {
        let decoder = DecoderSequence(rotation: rotation)
        decoder.adopt(prefix.pages, length: prefix.length, in: pool)
        decoders = [decoder]
        if self.age == nil { self.age = age }
    }

    /// The angles of its tokens.
    ///
    /// - Throws: `ResourceError` if there is no memory for them.
    func rotation(_ model: DecoderModel) throws(ResourceError) -> SequenceRotation {
        try model.rotation(extent: extent)
    }

    /// Gives its pages back. It is computed again from its first token on.
    func setBack(in pool: PagePool) {
        releasePages(in: pool)
        guess = []
        setBacks += 1
        // It comes to the same beams again.
        search = nil
    }

    /// Gives its pages back for good.
    func releasePages(in pool: PagePool) {
        for decoder in decoders { decoder.releaseAll(in: pool) }
        decoders = []
    }

    /// Lets those that begin as copies of it begin, with its pages.
    func forkFollowers(age: () -> Int, in pool: PagePool) -> [GenerationSequence] {
        guard let decoder, search == nil, !followers.isEmpty else { return [] }
        defer { followers = [] }
        for follower in followers {
            follower.decoders = [decoder.fork(in: pool)]
            follower.age = age()
        }
        return followers
    }

    // MARK: Tokens

    /// Makes ready for the logits of its last tokens.
    func prepareToChoose() {
        guard beams > 1, search == nil else { return }
        search = SequenceSearch(
            BeamSearch(
                generation.settings, prompt: tokens, seed: generation.seed, limit: limit,
                text: generation.settings.stopStrings.isEmpty ? nil : generation.textStream))
    }

    /// Chooses the next token, for itself and for those that begin as copies of it; in a beam search finds the
    /// candidates of a beam.
    ///
    /// Behind a guess it chooses only if what was chosen before is what was guessed. Rows have to come in their order
    /// then.
    ///
    /// - Parameters:
    ///   - logits: of the last token of a beam, or of a guess; overwritten
    ///   - row: the number of the beam, or of the guess, 0 being that of the last token itself
    func choose(_ logits: UnsafeMutableBufferPointer<Float>, row: Int) {
        if let search { return search.choose(logits, of: row) }
        guard isReached(row) else { return }
        if !followers.isEmpty {
            let copy = Array(logits)
            for follower in followers {
                _ = logits.update(fromContentsOf: copy)
                follower.chooseAlone(logits)
            }
            _ = logits.update(fromContentsOf: copy)
        }
        chooseAlone(logits)
    }

    /// Tells whether all guesses in front of a row are right, and the text goes on behind them.
    private func isReached(_ row: Int) -> Bool {
        guard row > 0 else { return true }
        return !hasEnded && failure == nil && tokens.count == begun.tokens + row && tokens.last == guess[row - 1]
    }

    /// Forgets what was computed for wrong guesses, and guesses anew.
    ///
    /// - Returns: how many guesses were in the step, and how many of them were right.
    func settleGuesses(in pool: PagePool) -> (all: Int, right: Int) {
        let counts = (all: begun.guesses, right: max(0, tokens.count - begun.tokens - 1))
        if counts.all > 0 {
            decoder?.rollBack(to: tokens.count - 1, in: pool)
            lookup?.note(right: counts.right, tokens: tokens.count)
        }
        begun.guesses = 0
        guess = hasEnded ? [] : lookup?.guess(behind: tokens, atMost: extent - tokens.count - 1) ?? []
        return counts
    }

    private func chooseAlone(_ logits: UnsafeMutableBufferPointer<Float>) {
        do throws(PipelineError) {
            let token = try chooser.choose(logits)
            tokens.append(token.id)
            let mayStop = stopGate.isOpen(behind: tokens[promptLength...])
            let added = generation.isShown(token.id) ? text.append(token.id, mayStop: mayStop) : ""
            let end = stops.finished(by: token.id, text: text, isComplete: chooser.isComplete)
            hasEnded = end != nil
            pieces.append(
                GeneratedPiece(
                    sequence: index, token: token, text: hasEnded ? added + text.finish() : added, end: end,
                    stopString: end == .stopSequence ? text.stopString : nil))
        } catch {
            failure = error
        }
    }

    /// Takes in what the step has found of its prompt. With the end of the prompt that is told, by those that begin as
    /// copies of it as well, and they end if nothing is generated.
    ///
    /// - Parameter isComplete: whether nothing of it is missing
    func settlePrompt(isComplete: Bool) {
        failure = scores?.settle() ?? failure
        guard isComplete, !hasToldPrompt else { return }
        for sequence in [self] + followers { sequence.tellPrompt(scores) }
    }

    private func tellPrompt(_ scores: PromptScores?) {
        hasToldPrompt = true
        pieces = (scores?.pieces(of: index) ?? []) + pieces
        guard endsBehindPrompt else { return }
        hasEnded = true
        pieces.append(GeneratedPiece(sequence: index, token: nil, text: "", end: .length))
    }

    /// Makes a step of its beam search, if it has one.
    func searchOn(in pool: PagePool) {
        guard let search else { return }
        do throws(PipelineError) {
            decoders = try search.step(decoders, in: pool)
        } catch {
            failure = error
        }
        guard search.isDone else { return }
        hasEnded = true
        for follower in followers { follower.hasEnded = true }
        pieces = search.pieces(1 + followers.count, from: index, generation)
    }

    /// Returns the pieces that were added since the last call.
    func takePieces() -> [GeneratedPiece] {
        defer { pieces = [] }
        return pieces
    }

    /// Ends it before its time. Returns what was held back of its text; nil if it has ended already.
    func end(because reason: FinishReason) -> GeneratedPiece? {
        guard !hasEnded else { return nil }
        hasEnded = true
        return GeneratedPiece(sequence: index, token: nil, text: text.finish(), end: reason)
    }
}
