import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTokenizers

/// A comparison of a model of reduced precision with the same one in float32, on a few texts.
public struct SelfCheck: Sendable, CustomStringConvertible {
    /// The smallest cosine between what both models give for a token.
    public let smallestCosine: Double
    /// The tokens that were compared.
    public let tokens: Int
    /// True if that is as close as the precision should be.
    public let isWithinBounds: Bool

    /// The smallest cosine that a dtype should keep.
    private static func bound(_ dtype: DType) -> Double {
        switch dtype {
        case .float32: 1
        case .bfloat16, .auto: 0.999
        case .int8, .blocks: 0.98
        case .int4: 0.95
        }
    }

    /// The figures, for a log.
    public var description: String {
        "cosine to float32 at least \(Double(Int(smallestCosine * 1e6)) / 1e6) for each of \(tokens) tokens"
    }

    private static let texts = [
        "The river was dammed in 1963; since then its water drives four turbines.",
        "What does a penstock do?",
        "SELECT name, price * 1.19 FROM items WHERE stock > 0 ORDER BY price;",
        "Zürich liegt am See, 東京は海に面している, а Москва стоит на реке.",
        "ok",
    ]

    /// The texts that are compared.
    static var textCount: Int { texts.count }

    /// Compares the rows that two models gave.
    init(of found: [[Float]], with reference: [[Float]], dtype: DType) {
        var smallest = 1.0
        for (a, b) in zip(found, reference) {
            func sum(_ term: (Float, Float) -> Float) -> Double {
                zip(a, b).reduce(0) { $0 + Double(term($1.0, $1.1)) }
            }
            let cosine = sum { $0 * $1 } / (sum { x, _ in x * x } * sum { _, y in y * y }).squareRoot()
            // A NaN is no cosine at all.
            smallest = cosine >= smallest ? smallest : cosine.isNaN ? -1 : cosine
        }
        smallestCosine = smallest
        tokens = reference.count
        isWithinBounds = found.count == reference.count && smallest >= Self.bound(dtype)
    }

    /// Returns what a model gives for the texts that it can take, a row for each token that it is asked for.
    ///
    /// - Throws: ``PipelineError`` if it can take none of them: then the reason for the last one.
    static func rows(of model: any Model, tokenizer: Tokenizer, in turns: ComputeTurns) throws -> [[Float]] {
        let encoder = TextEncoder(tokenizer: tokenizer, limits: model.limits)
        let arguments = TokenizerArguments(maxLength: model.limits.tokens)
        let readouts = model.readouts.sorted { $0.rawValue < $1.rawValue }
        var batch = ModelBatch(for: model)
        var reason: PipelineError?
        for text in texts {
            do {
                let encoding = try encoder.encode(.text(text), arguments)
                for readout in readouts {
                    batch.append(
                        ModelInput(
                            ids: encoding.ids, typeIDs: encoding.typeIDs, reading: readout,
                            of: readout.isOfSequences ? .sequence : .tokens))
                }
            } catch {
                reason = error
            }
        }
        if batch.packed.tokens == 0, let reason { throw reason }
        return try turns.turn { cpu in
            let workspace = try model.workspace(tokens: batch.packed.tokens, on: cpu)
            var rows: [[Float]] = []
            let isDone = try model.forward(
                batch, on: cpu, in: workspace, isWanted: { turns.renewIfDue() }
            ) { range, readout in
                for row in 0..<range.count { rows.append(Array(readout.row(row))) }
            }
            guard isDone else { throw TurnsEnded() }
            return withExtendedLifetime(workspace) { rows }
        }
    }
}
