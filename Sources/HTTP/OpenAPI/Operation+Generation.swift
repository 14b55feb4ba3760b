import PenstockJSON

extension Operation {
    /// The routes of OpenAI's API that generate, by method and path.
    static let generation: [String: Operation] = {
        var all = ["POST /v1/responses": responses]
        for (path, operation) in [("/v1/completions", completions), ("/v1/chat/completions", chat)] {
            all["POST \(path)"] = operation
            all["POST /models/{model}\(path)"] = operation
        }
        return all
    }()

    private static let anyNumber = JSONSchema.number.orNull
    private static let flag = JSONSchema.boolean.orNull

    /// The fields by which tokens are chosen and texts end.
    private static let sampling: KeyValuePairs<String, JSONSchema> = [
        "model": model, "stream": flag,
        "stream_options": JSONSchema.object([:], optional: ["include_usage": flag]).orNull,
        "temperature": JSONSchema.number.bounded(least: .integer(0), most: .integer(2)).orNull, "top_p": anyNumber,
        "top_k": JSONSchema.integer(atLeast: -1).orNull, "min_p": anyNumber, "repetition_penalty": anyNumber,
        "presence_penalty": anyNumber, "frequency_penalty": anyNumber,
        "n": JSONSchema.integer(atLeast: 1, atMost: 128).orNull, "seed": JSONSchema.integer.orNull,
        "stop": .any(of: JSONSchema.string.orNull, .strings), "logit_bias": JSONSchema.object(others: .number).orNull,
        "stop_token_ids": JSONSchema.array(of: .integer).orNull, "ignore_eos": flag,
        "min_tokens": JSONSchema.integer(atLeast: 0).orNull, "skip_special_tokens": flag,
        "prompt_logprobs": JSONSchema.integer(atLeast: 0, atMost: 100).orNull,
        "include_stop_str_in_output": flag, "truncate_prompt_tokens": JSONSchema.integer(atLeast: 1).orNull,
        "response_format": JSONSchema.object().orNull, "structured_outputs": JSONSchema.object().orNull,
        "guided_json": .anything, "guided_regex": JSONSchema.string.orNull, "guided_choice": JSONSchema.strings.orNull,
    ]

    /// A body with these fields and others.
    ///
    /// - Parameter name: the field that has to be there
    private static func sampling(
        with name: String, _ schema: JSONSchema, optional: KeyValuePairs<String, JSONSchema>,
        thinking: KeyValuePairs<String, JSONSchema> = [:]
    ) -> JSONSchema {
        let others = Array(sampling) + Array(optional) + Array(thinking)
        return .object([(name, schema, true)] + others.map { ($0.key, $0.value, false) })
    }

    /// The fields that say what becomes of thoughts.
    private static let thinking: KeyValuePairs<String, JSONSchema> = [
        "reasoning_format": JSONSchema.among("none", "auto", "deepseek").orNull, "separate_reasoning": flag,
        "include_reasoning": flag, "enable_thinking": flag,
        "thinking_token_budget": JSONSchema.integer(atLeast: -1).orNull,
        "thinking_budget_tokens": JSONSchema.integer(atLeast: -1).orNull,
    ]

    private static let length = JSONSchema.integer(atLeast: 1).orNull
    private static let reason = JSONSchema.among("stop", "length", "tool_calls")

    private static let completions = generating(
        "Texts that go on where prompts end.",
        takes: sampling(
            with: "prompt", inputs,
            optional: [
                "max_tokens": JSONSchema.integer(atLeast: 0).orNull, "echo": flag,
                "suffix": JSONSchema.string.orNull, "best_of": JSONSchema.integer(atLeast: 1, atMost: 128).orNull,
                "logprobs": JSONSchema.integer(atLeast: 0, atMost: 5).orNull,
            ]),
        gives: answer(
            "text_completion",
            .object(
                [
                    "text": .string, "index": .integer, "logprobs": JSONSchema.object().orNull,
                    "finish_reason": reason,
                ], optional: promptLogprobs)))

    /// The tokens of a prompt but the first, with the likeliest of their places.
    private static let promptLogprobs: KeyValuePairs<String, JSONSchema> = [
        "prompt_logprobs": .array(of: JSONSchema.object().orNull)
    ]

    private static let chat: Operation = {
        let content = JSONSchema.any(of: JSONSchema.string.orNull, .array(of: .object(["type": .string])))
        let call = JSONSchema.object([
            "id": .string, "type": .among("function"),
            "function": .object(["name": .string, "arguments": .string]),
        ])
        return generating(
            "An answer to a chat.",
            takes: sampling(
                with: "messages", .array(of: .object(["role": .string], optional: ["content": content]), atLeast: 1),
                optional: [
                    "max_completion_tokens": length, "max_tokens": length, "logprobs": flag,
                    "top_logprobs": JSONSchema.integer(atLeast: 0, atMost: 20).orNull, "tools": tools,
                    "tool_choice": .anything, "parallel_tool_calls": flag, "continue_final_message": flag,
                    "chat_template_kwargs": JSONSchema.object().orNull, "reasoning_effort": JSONSchema.string.orNull,
                ], thinking: thinking),
            gives: answer(
                "chat.completion",
                .object([
                    "index": .integer,
                    "message": .object(
                        ["role": .among("assistant"), "content": JSONSchema.string.orNull],
                        optional: ["reasoning_content": .string, "tool_calls": .array(of: call)]),
                    "logprobs": JSONSchema.object().orNull,
                    "finish_reason": reason,
                ]), optional: promptLogprobs))
    }()

    private static let tools = JSONSchema.array(of: .object(["type": .among("function")])).orNull

    private static let responses = generating(
        "An answer to a chat, of which nothing is kept.",
        takes: .object(
            ["input": .any(of: .string, .array(of: .object()))],
            optional: [
                "model": model, "stream": flag, "instructions": JSONSchema.string.orNull,
                "tools": JSONSchema.array(of: .object(["type": .string])).orNull, "tool_choice": .anything,
                "parallel_tool_calls": flag, "max_output_tokens": length,
                "truncation": JSONSchema.among("auto", "disabled").orNull,
                "temperature": JSONSchema.number.bounded(least: .integer(0), most: .integer(2)).orNull,
                "top_p": anyNumber, "text": JSONSchema.object().orNull, "reasoning": JSONSchema.object().orNull,
            ]),
        gives: .object([
            "id": .string, "object": .among("response"), "created_at": .integer,
            "status": .among("completed", "incomplete"), "model": .string, "output": .array(of: .object()),
            "usage": JSONSchema.object(["input_tokens": .integer, "output_tokens": .integer, "total_tokens": .integer]),
        ]))

    private static func answer(
        _ object: String, _ choice: JSONSchema, optional: KeyValuePairs<String, JSONSchema> = [:]
    ) -> JSONSchema {
        .object(
            [
                "id": .string, "object": .among(object), "created": .integer, "model": .string,
                "choices": .array(of: choice),
                "usage": .object(["prompt_tokens": .integer, "completion_tokens": .integer, "total_tokens": .integer]),
            ], optional: optional)
    }

    /// An operation that can also answer with a stream.
    private static func generating(_ summary: String, takes body: JSONSchema, gives answer: JSONSchema) -> Operation {
        Operation(.openAI, summary) { operation in
            (operation.body, operation.answer, operation.streams) = (body, answer, true)
        }
    }
}
