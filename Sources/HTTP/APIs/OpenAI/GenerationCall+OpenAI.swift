import PenstockJSON
import PenstockPipelines

extension GenerationCall {
    /// Reads the fields by which tokens are chosen and texts end: those of OpenAI, whose defaults stand in where the
    /// checkpoint says nothing, and those that vLLM has beside them.
    mutating func readOpenAI(_ fields: RequestFields) throws(ClientError) {
        for refusal in Self.refusals {
            guard let value = fields[refusal.name], !refusal.neutral.contains(value) else { continue }
            throw fields.unsupported(refusal.name, refusal.reason)
        }
        options.fallback.temperature = 1
        options.fallback.topK = 0
        isStreamed = try fields.flag("stream")
        textsPerPrompt = try fields.integer("n", in: 1...128) ?? 1
        options.generation.temperature = try fields.number("temperature", in: 0...2)
        options.generation.seed = try fields.seed()
        try fields.read(
            [
                "top_p": "top_p", "stop": "stop", "presence_penalty": "presence_penalty",
                "frequency_penalty": "frequency_penalty", "logit_bias": "logit_bias", "min_p": "min_p",
                "repetition_penalty": "repetition_penalty", "min_tokens": "min_new_tokens",
            ], into: &options.generation)
        // vLLM's -1 is all tokens.
        if fields["top_k"] == .integer(-1) {
            options.generation.topK = 0
        } else {
            try fields.read(["top_k": "top_k"], into: &options.generation)
        }
        options.generation.stopTokenIds = try fields.tokenIDs("stop_token_ids")
        if try fields.flag("ignore_eos") { options.generation.eosTokenId = [] }
        options.skipSpecialTokens = try fields.flag("skip_special_tokens", default: true)
        options.cutsAtStops = try !fields.flag("include_stop_str_in_output")
        options.truncate = try fields.integer("truncate_prompt_tokens", atLeast: 1)
        options.generation.structure = try fields.structure()
        try fields.read(["prompt_logprobs": "prompt_logprobs"], into: &options.generation)
        guard isStreamed, options.generation.promptLogprobs != nil else { return }
        throw fields.unsupported(
            "prompt_logprobs", "a stream does not tell them; ask for a completion with echo and logprobs, or no stream")
    }

    /// Has the answer tell how likely its tokens are.
    ///
    /// - Parameter likeliest: how many of the likeliest tokens are told beside each; nil for no probabilities
    mutating func tellLogprobs(_ likeliest: Int?) {
        guard let likeliest else { return }
        options.details = true
        options.generation.logprobs = likeliest
    }

    /// A field of which only some values can be done.
    private struct Refusal: Sendable {
        let name: String
        /// The values that ask for nothing.
        var neutral: [JSONValue] = []
        let reason: String
    }

    private static let refusals = [
        Refusal(name: "use_beam_search", neutral: [.bool(false)], reason: "there is no beam search in this API"),
        Refusal(name: "allowed_token_ids", reason: "it is not supported; logit_bias makes tokens unlikely"),
        Refusal(name: "bad_words", neutral: [.array([])], reason: "it is not supported; logit_bias forbids tokens"),
        Refusal(name: "length_penalty", neutral: [.integer(1), .double(1)], reason: "there is no beam search"),
        Refusal(name: "logits_processors", neutral: [.array([])], reason: "there are none"),
        Refusal(
            name: "return_tokens_as_token_ids", neutral: [.bool(false)], reason: "tokens are told by their texts"),
        Refusal(name: "return_token_ids", neutral: [.bool(false)], reason: "ids of tokens are not told"),
        Refusal(
            name: "spaces_between_special_tokens", neutral: [.bool(true)], reason: "the tokenizer sets the spaces"),
    ]
}

extension FinishReason {
    /// The reason as OpenAI names it. A text whose time was over ended as one that has all its tokens.
    var openAI: String {
        switch self {
        case .eosToken, .stopSequence: "stop"
        case .length, .deadline: "length"
        }
    }
}

/// The wish of a request to be told of the tokens of a stream.
struct StreamedUsage: Sendable {
    /// True if the tokens are told in an event of their own behind the last piece, and other events have a null for
    /// them.
    let isTold: Bool

    init(_ fields: RequestFields) throws(ClientError) {
        isTold = try fields.section("stream_options").flag("include_usage")
    }
}
