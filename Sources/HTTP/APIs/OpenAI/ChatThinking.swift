import PenstockJSON
import PenstockPipelines

/// The fields of OpenAI's routes that say what becomes of thoughts: its own, and those of llama-server, SGLang and vLLM.
struct ChatThinking: Sendable {
    private(set) var use = ThoughtUse()
    /// True if thoughts are told beside the answer.
    let isTold: Bool

    /// - Parameter effort: how hard the model is to think; nil if the request does not say
    init(_ fields: RequestFields, effort: JSONValue?) throws(ClientError) {
        let isApart = try fields.choice("reasoning_format", ["none": false, "auto": true, "deepseek": true]) ?? true
        use.isToldApart = try fields.flag("separate_reasoning", default: true) && isApart
        isTold = try fields.flag("include_reasoning", default: true)
        for name in ["thinking_token_budget", "thinking_budget_tokens"] {
            // -1 is llama-server's for any number.
            guard let tokens = try fields.integer(name, atLeast: -1), tokens >= 0 else { continue }
            use.budget = (tokens: tokens, field: name)
        }
        use.wish = try fields.value("enable_thinking", "true or false", \.bool)
        let variables = try fields.section("chat_template_kwargs")
        let isSaid = variables["enable_thinking"] != nil || variables["thinking"] != nil
        if effort == .string("none"), use.wish == nil, !isSaid { use.wish = false }
    }
}
