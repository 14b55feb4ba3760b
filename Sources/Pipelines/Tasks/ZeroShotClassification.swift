import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// `zero-shot-classification`: how well labels that a request brings fit a text, by a model that tells whether a text entails a
/// hypothesis.
public struct ZeroShotClassification: PipelineTask {
    /// A text; not empty.
    public typealias Input = String

    /// The options of which labels are asked for.
    public struct Options: TaskOptions {
        /// The labels to choose from, the same for all texts; at least one.
        public var candidateLabels: [String] = []
        /// The statement of a text with a label, which goes where `{}` is.
        public var hypothesisTemplate = "This example is {}."
        /// True if several labels can be true, each by itself.
        public var multiLabel = false
        /// True if clients get labels as a list of their own, instead of beside the text.
        var givesList = false

        /// The defaults, which lack labels.
        public init() {}

        /// The defaults for some labels.
        public init(candidateLabels: [String]) { self.candidateLabels = candidateLabels }
    }

    /// The labels of a text.
    public struct Output: Sendable {
        /// The text.
        public let sequence: String
        /// All labels, the one that fits best first; of equal ones the later first, as upstream.
        public let labels: [TextClassification.Label]
    }

    private let encoder: TextEncoder
    private let kernels: Kernels
    private let outputs: EntailmentLabels

    /// Labels of one request at most.
    private static let mostLabels = 4096
    /// Bytes of all its hypotheses.
    private static let mostBytes = 1 << 20
}

extension ZeroShotClassification: TaskSteps {
    package static let readout = Readout.sequenceLogits

    package struct Plan: Sendable {
        fileprivate let labels: [String]
        fileprivate let hypotheses: [TextTokens]
        fileprivate let isEachByItself: Bool
        /// Bytes of the answer to a text, but for the text itself.
        fileprivate let answerBytes: Int
    }

    /// The outputs of the model for a hypothesis.
    package struct Reading: Sendable {
        fileprivate let contradiction: Float
        fileprivate let entailment: Float
    }

    package static func isMeant(for files: CheckpointFiles) -> Bool {
        (try? EntailmentLabels(files.checkpoint.config))?.isNamed == true
    }

    package init(_ resources: TaskResources) throws {
        encoder = TextEncoder(tokenizer: resources.tokenizer, limits: resources.limits)
        kernels = resources.target.turns.kernels
        outputs = try EntailmentLabels(resources.checkpoint.config)
    }

    package var warnings: [String] {
        outputs.isNamed
            ? []
            : ["no label of config.json begins with \"entail\": zero-shot-classification takes the last for entailment"]
    }

    package func plan(_ options: Options, in scope: RequestScope) async throws(PipelineError) -> Plan {
        let labels = options.candidateLabels
        guard (1...Self.mostLabels).contains(labels.count) else {
            throw PipelineError(
                .invalidParameter,
                labels.isEmpty
                    ? "parameter candidate_labels has to name the labels to choose from, at least one"
                    : "parameter candidate_labels has \(labels.count) labels, but at most \(Self.mostLabels) are possible"
            )
        }
        guard let template = HypothesisTemplate(options.hypothesisTemplate) else {
            throw PipelineError(
                .invalidParameter,
                "parameter hypothesis_template has to have {} where the label goes, once, and no other braces but doubled "
                    + "ones, not \(options.hypothesisTemplate.excerpt)")
        }
        guard labels.reduce(0, { AnswerSize.sum($0, template.bytes(of: $1)) }) <= Self.mostBytes else {
            throw PipelineError(
                .invalidParameter,
                "parameters hypothesis_template and candidate_labels make hypotheses of more than \(Self.mostBytes) bytes "
                    + "together; shorten them")
        }
        var hypotheses: [TextTokens] = []
        var pace = scope.pace
        for label in labels {
            try await pace.step()
            hypotheses.append(try encoder.tokens(of: template.hypothesis(of: label)))
        }
        let bytesPerLabel =
            MemoryLayout<Reading>.stride + MemoryLayout<TextClassification.Label>.stride + AnswerSize.number
        let names = labels.reduce(0) { $0 + JSONWriter.quotedBytes($1) + 1 }
        return Plan(
            labels: labels, hypotheses: hypotheses, isEachByItself: options.multiLabel || labels.count == 1,
            answerBytes: labels.count * bytesPerLabel + names + 64)
    }

    package func prepare(
        _ text: String, _ plan: Plan, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedInput<String> {
        guard !text.isEmpty else { throw PipelineError(.invalidInputs, "the text is empty") }
        let tokens = try encoder.tokens(of: text)
        let answerBytes = plan.answerBytes + text.utf8.count + JSONWriter.quotedBytes(text)
        var sequences = RepeatingSequences()
        var pace = scope.pace
        for hypothesis in plan.hypotheses {
            try await pace.step()
            sequences.append(try encoding(tokens, hypothesis), reading: Self.readout, of: .sequence)
            try scope.require(answerBytes: answerBytes + sequences.bytes)
        }
        return PreparedInput(sequences.inputs, text, answerBytes: answerBytes + sequences.bytes)
    }

    /// As upstream, the text is cut, but not at all where that does not suffice, or the tokenizer sets no length.
    private func encoding(_ text: TextTokens, _ hypothesis: TextTokens) throws(PipelineError) -> Encoding {
        let tokenizer = encoder.tokenizer
        let length = encoder.cutLength(tokenizer.configuration.modelMaxLength)
        let room = length - tokenizer.addedTokens(isPair: true) - hypothesis.count
        let isCut = tokenizer.configuration.modelMaxLength != nil && room > 0
        let encoding = try encoder.encode(
            text, pair: hypothesis,
            truncation: isCut
                ? Truncation(
                    maxLength: length, strategy: .onlyFirst, direction: tokenizer.configuration.truncationSide)
                : nil)
        guard !encoding.ids.isEmpty else { throw PipelineError(.invalidInputs, "inputs has a text without tokens") }
        try encoder.check(encoding, remedy: "shorten it, or hypothesis_template and candidate_labels")
        return encoding
    }

    package func read(
        _ rows: Matrix, of index: Int, _ text: String, _ plan: Plan, on cpu: CPU, into reading: inout Reading?
    ) throws(PipelineError) {
        try rows.requireFinite()
        let logits = rows.row(0)
        reading = Reading(contradiction: logits[outputs.contradiction], entailment: logits[outputs.entailment])
    }

    package func output(
        _ readings: ArraySlice<Reading>, _ text: String, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> Output {
        let scores = plan.isEachByItself ? readings.map(score) : kernels.softmax(readings.map(\.entailment))
        try scope.check()
        let ranked = scores.indices.sorted { scores[$0] > scores[$1] || scores[$0] == scores[$1] && $0 > $1 }
        return Output(
            sequence: text,
            labels: ranked.map { TextClassification.Label(label: plan.labels[$0], score: scores[$0]) })
    }

    /// The probability of entailment beside contradiction.
    private func score(_ reading: Reading) -> Float {
        kernels.softmax([reading.contradiction, reading.entailment])[1]
    }
}
