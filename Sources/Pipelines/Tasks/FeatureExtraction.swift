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

    init(_ resources: TaskResources) throws {
        encoder = TextEncoder(tokenizer: resources.tokenizer, limits: resources.limits)
    }

    func preprocess(
        _ inputs: JSONValue, _ parameters: inout Parameters, in scope: RequestScope
    ) async throws(PipelineError) -> TaskRequest<Question> {
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
        var request = TaskRequest([], Question(answersWithList: inputs.isList), answerBytes: 0)
        let bytesPerToken = encoder.limits.hiddenSize * (MemoryLayout<Float>.size + AnswerSize.number)
        try await scope.forEach(inputs.texts) { (text) throws(PipelineError) in
            let encoding = try encoder.encode(text, options)
            request.sequences.append(ModelInput(ids: encoding.ids, typeIDs: encoding.typeIDs))
            request.answerBytes += encoding.ids.count * bytesPerToken
            try scope.require(answerBytes: request.answerBytes)
        }
        return request
    }

    func read(
        _ rows: Matrix, of index: Int, _ question: Question, on cpu: CPU, into answer: inout Answer?
    ) throws(PipelineError) {
        try rows.requireFinite()
        var copy = answer ?? Answer(values: [], columns: rows.columns)
        for row in 0..<rows.rows { copy.values.append(contentsOf: rows.row(row)) }
        answer = copy
    }

    func postprocess(
        _ answers: [Answer], _ question: Question, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        guard question.answersWithList else { return try write(answers[0], &writer, scope) }
        try writer.array { (writer) throws(PipelineError) in
            for answer in answers { try write(answer, &writer, scope) }
        }
    }

    private func write(
        _ answer: Answer, _ writer: inout JSONWriter, _ scope: RequestScope
    ) throws(PipelineError) {
        try writer.array { (writer) throws(PipelineError) in
            try writer.array { (writer) throws(PipelineError) in
                for start in stride(from: 0, to: answer.values.count, by: answer.columns) {
                    try scope.check()
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
