import PenstockCompute
import PenstockModels

/// `feature-extraction`: the last hidden state of every token, special tokens included.
public struct FeatureExtraction: PipelineTask {
    /// A text.
    public typealias Input = String

    /// The options of how texts are tokenized.
    public struct Options: TaskOptions {
        /// The arguments for the tokenizer.
        public var tokenization = TokenizerArguments()

        /// The defaults.
        public init() {}
    }

    /// The hidden states of the tokens of a text.
    public struct Output: Sendable {
        /// All rows, one after the other: `[tokens × width]`.
        public let values: [Float]
        /// The numbers of a row.
        public let width: Int
    }

    private let encoder: TextEncoder
}

extension FeatureExtraction: TaskSteps {
    package static let readout = Readout.hiddenStates

    package init(_ resources: TaskResources) throws {
        encoder = TextEncoder(tokenizer: resources.tokenizer, limits: resources.limits)
    }

    package func plan(_ options: Options, in scope: RequestScope) -> Options { options }

    package func prepare(
        _ text: String, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> PreparedInput<Void> {
        let encoding = try encoder.encode(.text(text), options.tokenization)
        let bytesPerToken = encoder.limits.hiddenSize * (MemoryLayout<Float>.size + AnswerSize.number)
        return PreparedInput(
            [ModelInput(ids: encoding.ids, typeIDs: encoding.typeIDs, reading: Self.readout)], (),
            answerBytes: encoding.ids.count * bytesPerToken)
    }

    package func read(
        _ rows: Matrix, of index: Int, _ question: Void, _ options: Options, on cpu: CPU, into reading: inout Output?
    ) throws(PipelineError) {
        try rows.requireFinite()
        var values = reading?.values ?? []
        reading = nil
        for row in 0..<rows.rows { values.append(contentsOf: rows.row(row)) }
        reading = Output(values: values, width: rows.columns)
    }

    package func output(
        _ readings: ArraySlice<Output>, _ question: Void, _ options: Options, in scope: RequestScope
    ) -> Output {
        readings[readings.startIndex]
    }
}

extension Matrix {
    /// - Throws: ``PipelineError`` if a value is infinite or NaN.
    func requireFinite() throws(PipelineError) {
        guard isFinite else {
            throw PipelineError(.nonFiniteOutput, "the model computed values that are no finite numbers")
        }
    }
}
