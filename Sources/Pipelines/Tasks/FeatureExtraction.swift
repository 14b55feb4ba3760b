import PenstockCompute
import PenstockJSON
import PenstockModels

/// `feature-extraction`: the last hidden state of every token, special tokens included.
struct FeatureExtraction: PipelineTask {
    static let readout = Readout.hiddenStates

    struct Question: Sendable {
        let answersWithList: Bool
    }

    /// The rows of a sequence, one after the other.
    struct Answer: Sendable {
        var values: [Float]
        let columns: Int
    }

    private let encoder: TextEncoder

    /// Numbers of the largest answer: some 100 MB of JSON.
    private static let largestAnswer = 4 << 20

    init(_ resources: TaskResources) throws {
        encoder = TextEncoder(tokenizer: resources.tokenizer, limits: resources.limits)
    }

    func preprocess(
        _ inputs: JSONValue, _ parameters: inout Parameters
    ) throws(PipelineError) -> (sequences: [ModelInput], question: Question) {
        let inputs = try TextInputs(inputs)
        var options = TokenizationOptions()
        // An answer is JSON either way.
        _ = try parameters.flag("return_tensors")
        try options.takeTruncation(from: &parameters)
        let isTruncationGiven = parameters.value("truncation") != nil
        try parameters.nested("tokenize_kwargs") { (nested) throws(PipelineError) in
            if isTruncationGiven, nested.value("truncation") != nil {
                throw PipelineError(
                    .invalidParameter, "truncation is given twice: as a parameter and in tokenize_kwargs")
            }
            try options.take(from: &nested)
        }
        var sequences: [ModelInput] = []
        for text in inputs.texts {
            let encoding = try encoder.encode(text, options)
            sequences.append(ModelInput(ids: encoding.ids, typeIDs: encoding.typeIDs))
        }
        let numbers = sequences.reduce(0) { $0 + $1.ids.count } * encoder.limits.hiddenSize
        guard numbers <= Self.largestAnswer else {
            throw PipelineError(
                .answerTooLarge,
                "the answer would have \(numbers) numbers, but at most \(Self.largestAnswer) are possible; send fewer texts"
            )
        }
        return (sequences, Question(answersWithList: inputs.isList))
    }

    func read(
        _ rows: Matrix, of index: Int, _ question: Question, on cpu: CPU, into answer: inout Answer?
    ) throws(PipelineError) {
        try rows.requireFinite()
        var copy = answer ?? Answer(values: [], columns: rows.columns)
        for row in 0..<rows.rows { copy.values.append(contentsOf: rows.row(row)) }
        answer = copy
    }

    func postprocess(_ answers: [Answer], _ question: Question, into writer: inout JSONWriter) {
        guard question.answersWithList else { return write(answers[0], &writer) }
        writer.array { writer in for answer in answers { write(answer, &writer) } }
    }

    private func write(_ answer: Answer, _ writer: inout JSONWriter) {
        writer.array { writer in
            writer.array { writer in
                for start in stride(from: 0, to: answer.values.count, by: answer.columns) {
                    writer.value(answer.values[start..<start + answer.columns])
                }
            }
        }
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
