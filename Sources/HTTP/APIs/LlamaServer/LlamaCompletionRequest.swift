import PenstockJSON
import PenstockPipelines
import PenstockServing

/// The body of `POST /completion`, `/completions` and `/infill`, as llama-server has them.
struct LlamaCompletionRequest: GenerationDialect {
    private(set) var call: GenerationCall
    private let prompt: String
    private let tellsTokens: Bool
    /// The fields of the answer that are told; nil for all.
    private let selection: SelectedFields?

    /// A request for a text that goes on with a prompt.
    init(_ fields: RequestFields) throws(ClientError) {
        let expected = "a string or a list of token ids"
        let value = try fields.require(fields["prompt"], "prompt", expected)
        if let text = value.string {
            try self.init(fields, .text(text), prompt: text)
        } else {
            guard let ids = try value.tokenIDs(named: "prompt") else { throw fields.invalid("prompt", expected) }
            try self.init(fields, .tokens(ids), prompt: "")
        }
    }

    /// A request for a text that fills a gap.
    init(infill fields: RequestFields) throws(ClientError) {
        let prefix = try fields.require(fields.string("input_prefix"), "input_prefix", "a string")
        let suffix = try fields.require(fields.string("input_suffix"), "input_suffix", "a string")
        var files: [TextGap.File] = []
        for extra in try fields.objects("input_extra") ?? [] {
            let text = try extra.require(extra.string("text"), "text", "a string")
            files.append(TextGap.File(name: try extra.string("filename") ?? "tmp", text: text))
        }
        let gap = TextGap(prefix: prefix + (try fields.string("prompt") ?? ""), suffix: suffix, files: files)
        try self.init(fields, .gap(gap), prompt: "")
    }

    private init(_ fields: RequestFields, _ input: TextGeneration.Input, prompt: String) throws(ClientError) {
        (call, self.prompt) = (GenerationCall(model: try fields.string("model"), [input]), prompt)
        selection = try SelectedFields(fields)
        for (name, neutral) in Self.refused where fields[name].map({ !neutral.contains($0) }) ?? false {
            throw fields.unsupported(name, "it is not supported; leave it out")
        }
        // Below 0 there is no limit but that of the model.
        let most = try fields.integer("n_predict", atLeast: -2) ?? -1
        call.options.generation.maxNewTokens = most >= 0 ? min(most, Int(Int32.max)) : Int(Int32.max)
        call.options.fallback.temperature = 0.8
        try fields.read(
            [
                "temperature": "temperature", "top_k": "top_k", "top_p": "top_p", "min_p": "min_p",
                "typical_p": "typical_p", "repeat_penalty": "repetition_penalty",
                "presence_penalty": "presence_penalty", "frequency_penalty": "frequency_penalty", "stop": "stop",
            ], into: &call.options.generation)
        try fields.readPenaltyWindow(into: &call.options.generation)
        // As clients of llama.cpp have it, -1 is for any.
        if fields["seed"] != .integer(-1) { call.options.generation.seed = try fields.seed() }
        if try fields.flag("ignore_eos") { call.options.generation.eosTokenId = [] }
        call.options.generation.structure = try fields.value("json_schema", "a JSON schema") { value in
            value.object == nil ? nil : .schema(value)
        }
        call.isStreamed = try fields.flag("stream")
        tellsTokens = try fields.flag("return_tokens")
        call.options.details = tellsTokens
    }

    /// Fields that would change an answer, and the values with which they do not.
    private static let refused: KeyValuePairs<String, [JSONValue]> = [
        "grammar": [.string("")], "n_probs": [.integer(0)], "mirostat": [.integer(0)], "xtc_probability": [.integer(0)],
        "dry_multiplier": [.integer(0)], "dynatemp_range": [.integer(0)], "logit_bias": [.array([])],
        "lora": [.array([])],
    ]

    mutating func settle(on task: TextGeneration) throws(ClientError) {
        try call.settleGaps(on: task, field: "input_prefix")
    }

    func write(_ answer: GenerationAnswer, into writer: inout JSONWriter) {
        let text = answer.outputs.first?.first
        let part = LlamaCompletionPart(
            content: text?.text ?? "", tokens: tellsTokens ? text?.tokens.map(\.id) ?? [] : [],
            promptTokens: answer.head.promptTokens, generated: answer.summary.facts.generatedTokens)
        writer.object(of: selection) { writer in
            writer.fields(of: part, isLast: true)
            writer.end(text?.end, at: text?.stopString, of: answer.head.model, prompt: prompt, answer.summary)
        }
    }

    func events(_ head: GenerationHead) -> LlamaCompletionEvents {
        LlamaCompletionEvents(head, prompt: prompt, selection)
    }
}
