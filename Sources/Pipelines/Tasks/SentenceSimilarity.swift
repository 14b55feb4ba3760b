import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// `sentence-similarity`: embeddings of texts by a sentence-transformers checkpoint, or how alike they are.
///
/// A text is answered with its embedding, a list of texts with theirs, and `{"source_sentence", "sentences"}` with the
/// similarity of each sentence to the source.
struct SentenceSimilarity: PipelineTask {
    static let readout = Readout.hiddenStates

    enum Form: Sendable {
        case embedding
        case embeddings
        /// Of the first sequence to each of the others.
        case similarities
    }

    struct Question: Sendable {
        let form: Form
        let promptTokens: Int
        /// Whether embeddings get length 1; nil for what the checkpoint says.
        let normalizes: Bool?
    }

    typealias Answer = [Float]

    private let encoder: TextEncoder
    private let chain: SentenceChain
    private let configuration: SentenceConfiguration
    /// How texts are tokenized if a request asks for nothing else.
    private let tokenization: TokenizationOptions
    /// The length of an embedding.
    private let width: Int

    /// Bytes of the longest prompt that a request may bring: it is computed again with each text.
    private static let longestPrompt = 8192

    init(_ resources: TaskResources) throws {
        guard let modules = try SentenceModules(directory: resources.directory) else {
            throw PipelineError(
                .unsupportedTask,
                "\(resources.directory) has no modules.json: it is no sentence-transformers checkpoint")
        }
        configuration = try SentenceConfiguration(directory: resources.directory)
        chain = try modules.chain(
            hiddenSize: resources.limits.hiddenSize, dimensions: configuration.truncateDim, for: resources.engine)
        width = chain.width ?? 0
        let settings = try TransformerSettings(directory: resources.checkpoint.directory)
        encoder = TextEncoder(
            tokenizer: settings.lowercases ? resources.tokenizer.lowercasing() : resources.tokenizer,
            limits: resources.limits)
        tokenization = TokenizationOptions(settings, for: encoder)
    }

    func preprocess(
        _ inputs: JSONValue, _ parameters: inout Parameters, in scope: RequestScope
    ) async throws(PipelineError) -> TaskRequest<Question> {
        let (texts, form) = try Self.texts(inputs)
        let prompt = try prompt(&parameters)
        let normalizes = try parameters.flag("normalize")
        var options = tokenization
        for name in ["truncate", "truncation"] { options.truncates = try parameters.flag(name) ?? options.truncates }
        options.direction = try truncationDirection(&parameters) ?? options.direction

        let promptTokens = prompt.isEmpty ? 0 : try tokens(ofPrompt: prompt, options)
        var request = TaskRequest(
            [], Question(form: form, promptTokens: promptTokens, normalizes: normalizes),
            answerBytes: answerBytes(form, texts: texts.count))
        try scope.require(answerBytes: request.answerBytes)
        try await scope.forEach(texts) { (text) throws(PipelineError) in
            let encoding = try encoder.encode(prompt + text, options)
            request.sequences.append(ModelInput(ids: encoding.ids, typeIDs: encoding.typeIDs))
        }
        return request
    }

    private func answerBytes(_ form: Form, texts: Int) -> Int {
        let kept = AnswerSize.product(texts, width * MemoryLayout<Float>.size)
        let written = form == .similarities ? AnswerSize.number : width * AnswerSize.number
        return AnswerSize.sum(kept, AnswerSize.product(texts, written))
    }

    func read(
        _ rows: Matrix, of index: Int, _ question: Question, on cpu: CPU, into answer: inout Answer?
    ) throws(PipelineError) {
        try rows.requireFinite()
        answer = try chain.embedding(
            of: rows, SentenceText(promptTokens: question.promptTokens, normalizes: question.normalizes), on: cpu)
    }

    func postprocess(
        _ answers: [Answer], _ question: Question, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        switch question.form {
        case .embedding: writer.value(answers[0])
        case .embeddings:
            try writer.array { (writer) throws(PipelineError) in
                for answer in answers {
                    try scope.check()
                    writer.value(answer)
                }
            }
        case .similarities:
            try writer.array { (writer) throws(PipelineError) in
                for answer in answers.dropFirst() {
                    try scope.check()
                    writer.value(configuration.similarity.score(answers[0], answer))
                }
            }
        }
    }

    private static func texts(_ inputs: JSONValue) throws(PipelineError) -> ([String], Form) {
        guard let object = inputs.object else {
            let inputs = try TextInputs(inputs)
            return (inputs.texts, inputs.isList ? .embeddings : .embedding)
        }
        if let entry = object.entries.first(where: { !["source_sentence", "sentences"].contains($0.key) }) {
            throw PipelineError(
                .invalidInputs, "inputs has the unknown key \(entry.key.excerpt); known are: source_sentence, sentences"
            )
        }
        guard let source = object["source_sentence"]?.string else {
            throw PipelineError(.invalidInputs, "inputs.source_sentence has to be a text")
        }
        guard let sentences = object["sentences"], sentences.array != nil else {
            throw PipelineError(.invalidInputs, "inputs.sentences has to be a list of texts")
        }
        return ([source] + (try TextInputs(sentences, named: "inputs.sentences").texts), .similarities)
    }

    private func prompt(_ parameters: inout Parameters) throws(PipelineError) -> String {
        let text = try parameters.string("prompt")
        let name = try parameters.string("prompt_name")
        if let text {
            guard text.utf8.count <= Self.longestPrompt else {
                throw PipelineError(
                    .invalidParameter,
                    "parameter prompt has \(text.utf8.count) bytes, but at most \(Self.longestPrompt) are possible")
            }
            return text
        }
        guard let name else { return configuration.defaultPrompt ?? "" }
        guard let prompt = configuration.prompts[name] else {
            let known = configuration.prompts.keys.sorted()
            throw PipelineError(
                .invalidParameter,
                "parameter prompt_name: there is no prompt \(name.excerpt)"
                    + (known.isEmpty ? "; the checkpoint has none" : "; known are: \(known.joined(separator: ", "))"))
        }
        return prompt
    }

    private func truncationDirection(
        _ parameters: inout Parameters
    ) throws(PipelineError) -> Truncation.Direction? {
        let name = "truncation_direction"
        switch try parameters.string(name)?.lowercased() {
        case nil: return nil
        case "left": return .left
        case "right": return .right
        case .some(let other): throw parameters.invalid(name, "\"left\" or \"right\"", .string(other))
        }
    }

    /// The tokens that a prompt takes at the start of a sequence: all but the special token that ends it.
    private func tokens(ofPrompt prompt: String, _ options: TokenizationOptions) throws(PipelineError) -> Int {
        let encoding = try encoder.encode(prompt, options)
        return encoding.specialTokensMask.last == true ? encoding.ids.count - 1 : encoding.ids.count
    }
}
