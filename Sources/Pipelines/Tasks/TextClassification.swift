import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// `text-classification`: how well each label of a model fits a text, or a pair of texts.
public struct TextClassification: PipelineTask {
    /// A text, or a pair of texts.
    public struct Input: Sendable, ExpressibleByStringLiteral {
        /// The text, or the first of a pair.
        public var text: String
        /// The second text of a pair; an empty one is none.
        public var pair: String?

        /// A text, or a pair of texts.
        public init(_ text: String, pair: String? = nil) { (self.text, self.pair) = (text, pair) }

        /// A text.
        public init(stringLiteral text: String) { self.init(text) }
    }

    /// A function that is applied to the outputs of the head.
    public enum ScoreFunction: Sendable {
        /// Nothing.
        case none
        /// 1/(1 + e^-x), each label by itself.
        case sigmoid
        /// Probabilities that sum to one.
        case softmax
    }

    /// The selection of the labels that are given.
    public enum Selection: Sendable, Equatable {
        /// The one that fits best.
        case best
        /// So many of those that fit best; of a negative number all but so many of those that fit worst.
        case top(Int)
        /// All, the one that fits best first.
        case all
    }

    /// The options of which labels are asked for.
    public struct Options: TaskOptions {
        /// The selection of the labels that are given.
        public var selection = Selection.best
        /// Nil for what the checkpoint was made for.
        public var function: ScoreFunction?
        /// The arguments for the tokenizer.
        public var tokenization = TokenizerArguments()

        /// The defaults.
        public init() {}
    }

    /// A label and how well it fits.
    public struct Label: Sendable {
        /// The label's name.
        public let label: String
        /// The score that the function makes of the head's output.
        public let score: Float
    }

    /// The labels that were asked for, the one that fits best first.
    public typealias Output = [Label]

    private let encoder: TextEncoder
    private let labels: LabelNames
    private let function: ScoreFunction
}

extension TextClassification: TaskSteps {
    package static let readout = Readout.sequenceLogits

    package init(_ resources: TaskResources) throws {
        encoder = TextEncoder(tokenizer: resources.tokenizer, limits: resources.limits)
        let config = resources.checkpoint.config
        labels = try LabelNames(config)
        function = try Self.function(config, labels: labels.count)
    }

    private static func function(_ config: ConfigFile, labels: Int) throws(CheckpointError) -> ScoreFunction {
        switch try config.string("problem_type") {
        case "regression": return .none
        case "multi_label_classification": return .sigmoid
        case "single_label_classification" where labels == 1:
            throw config.invalid(
                "problem_type", .string("single_label_classification"), "\"regression\" for a model of one label")
        default: return labels == 1 ? .sigmoid : .softmax
        }
    }

    /// The names of its labels, in their order.
    package var labelNames: [String] { (0..<labels.count).map { labels[$0] } }

    package func plan(_ options: Options, in scope: RequestScope) -> Options { options }

    package func prepare(
        _ input: Input, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> PreparedInput<Void> {
        // As upstream, an empty second text is none.
        let pair = input.pair.flatMap { $0.isEmpty ? nil : $0 }
        let encoding = try encoder.encode(
            pair.map { .pair(input.text, $0) } ?? .text(input.text), options.tokenization)
        let bytesPerLabel = labels.longestBytes + MemoryLayout<Float>.size + AnswerSize.number + 32
        return PreparedInput(
            [ModelInput(ids: encoding.ids, typeIDs: encoding.typeIDs, reading: Self.readout, of: .sequence)], (),
            answerBytes: bytesPerLabel * (options.selection == .best ? 1 : labels.count))
    }

    package func read(
        _ rows: Matrix, of index: Int, _ question: Void, _ options: Options, on cpu: CPU,
        into reading: inout [Float]?
    ) throws(PipelineError) {
        try rows.requireFinite()
        let scores = rows.row(0)
        switch options.function ?? function {
        case .none: break
        case .sigmoid: cpu.activate(scores, .sigmoid)
        case .softmax: cpu.softmax(scores)
        }
        reading = Array(scores)
    }

    package func output(
        _ readings: ArraySlice<[Float]>, _ question: Void, _ options: Options, in scope: RequestScope
    ) -> Output {
        let scores = readings[readings.startIndex]
        let ranked = scores.indices.sorted { scores[$0] > scores[$1] || scores[$0] == scores[$1] && $0 < $1 }
        let count =
            switch options.selection {
            case .best: 1
            case .top(let count) where count < 0: max(0, ranked.count + count)
            case .top(let count): min(count, ranked.count)
            case .all: ranked.count
            }
        return ranked.prefix(count).map { Label(label: labels[$0], score: scores[$0]) }
    }
}
