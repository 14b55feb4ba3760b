import PenstockJSON
import PenstockPipelines
import PenstockServing

/// The body of `POST /completion` and `/completions`, as llama-server has them.
struct LlamaCompletionRequest: GenerationDialect {
    private(set) var call: GenerationCall
    private let prompt: String
    private let tellsTokens: Bool

    init(_ fields: RequestFields) throws(ClientError) {
        let expected = "a string or a list of token ids"
        let value = try fields.require(fields["prompt"], "prompt", expected)
        if let text = value.string {
            (call, prompt) = (GenerationCall(model: try fields.string("model"), [.text(text)]), text)
        } else {
            guard let ids = try value.tokenIDs(named: "prompt") else { throw fields.invalid("prompt", expected) }
            (call, prompt) = (GenerationCall(model: try fields.string("model"), [.tokens(ids)]), "")
        }
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

    func write(_ answer: GenerationAnswer, into writer: inout JSONWriter) {
        let text = answer.outputs.first?.first
        let part = LlamaCompletionPart(
            content: text?.text ?? "", tokens: tellsTokens ? text?.tokens.map(\.id) ?? [] : [],
            promptTokens: answer.head.promptTokens, generated: answer.summary.facts.generatedTokens)
        writer.object { writer in
            writer.fields(of: part, isLast: true)
            writer.end(text?.end, at: text?.stopString, of: answer.head.model, prompt: prompt, answer.summary)
        }
    }

    func events(_ head: GenerationHead) -> LlamaCompletionEvents { LlamaCompletionEvents(head, prompt: prompt) }
}
