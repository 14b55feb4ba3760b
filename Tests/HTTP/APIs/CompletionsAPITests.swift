import HTTPTypes
import PenstockJSON
import PenstockTestSupport
import Testing

/// `POST /v1/completions` as OpenAI's and vLLM's clients know it.
@Suite struct CompletionsAPITests {
    private static let path = "/v1/completions"

    @Test func answersAreTheseBytes() async throws {
        let server = try GenerationWire.server()
        let expected =
            #"{"id":"ID","object":"text_completion","created":0,"model":"llama","choices":[{"text":"t14 t51 t14 t21","#
            + #""index":0,"logprobs":null,"finish_reason":"length"}],"usage":\#(GenerationWire.usage(1, 4))}"#
        for (prompt, path) in [
            (#""t38""#, Self.path), (#"["t38"]"#, Self.path), ("[38]", Self.path), ("[[38]]", Self.path),
            (#""t38""#, "/models/llama/v1/completions"),
        ] {
            let reply = try await server.post(
                #"{"model": "llama", "prompt": \#(prompt), "max_tokens": 4, "temperature": 0, "x": 1}"#, to: path)
            #expect(reply.status == 200)
            #expect(reply.headers[.contentType] == "application/json")
            #expect(reply.wire == expected, "\(prompt)")
        }
    }

    @Test func streamsAreTheseBytes() async throws {
        let server = try GenerationWire.server()
        let reply = try await server.post(
            #"""
            {"prompt": "t38", "max_tokens": 3, "temperature": 0, "stream": true,
             "stream_options": {"include_usage": true}}
            """#, to: Self.path)
        #expect(reply.status == 200)
        #expect(reply.headers[.contentType] == "text/event-stream")
        #expect(reply.headers[.cacheControl] == "no-cache")
        let head = #"data: {"id":"ID","object":"text_completion","created":0,"model":"llama","choices":["#
        func event(_ index: Int, _ reason: String) -> String {
            head + #"{"text":"\#(GenerationWire.words[index])","index":0,"logprobs":null,"finish_reason":\#(reason)}],"#
                + "\"usage\":null}\n\n"
        }
        #expect(
            reply.wire == event(0, "null") + event(1, "null") + event(2, #""length""#) + head
                + "],\"usage\":\(GenerationWire.usage(1, 3))}\n\ndata: [DONE]\n\n")
        // The id and the time are those of the whole stream.
        let ids = try Set(reply.events().map { $0["id"]?.string })
        #expect(ids.count == 1)
    }

    /// Without asking there is no usage, not even a null.
    @Test func usageIsToldOnRequest() async throws {
        let reply = try await GenerationWire.server().post(
            #"{"prompt": "t38", "max_tokens": 3, "temperature": 0, "stream": true}"#, to: Self.path)
        #expect(!reply.text.contains("usage"))
        #expect(try reply.events().count == 3)
    }

    @Test func severalTextsOfSeveralPromptsHaveTheirPlaces() async throws {
        let server = try GenerationWire.server()
        let body = #""prompt": ["t38", "t38 t14"], "max_tokens": 4, "temperature": 0, "n": 2"#
        let whole = try await server.post("{\(body)}", to: Self.path).json
        let choices = try #require(whole["choices"]?.array)
        let words = GenerationWire.words.joined()
        #expect(choices.map { $0["index"]?.integer } == [0, 1, 2, 3])
        #expect(choices[0]["text"]?.string == "t14 t51 t14 t21" && choices[1]["text"] == choices[0]["text"])
        // The longer prompt goes on as the first token does.
        #expect(choices[2]["text"]?.string == "t51 t14 t21 t16" && choices[3]["text"] == choices[2]["text"])
        #expect(words.hasPrefix("t14 t51 t14 t21 t16"))
        #expect(whole["usage"]?["prompt_tokens"]?.integer == 3 && whole["usage"]?["completion_tokens"]?.integer == 16)
        let events = try await server.post("{\(body), \"stream\": true}", to: Self.path).events()
        var texts = ["", "", "", ""]
        var ends = 0
        for event in events {
            let choice = try #require(event["choices"]?.array?.first)
            texts[try #require(choice["index"]?.integer)] += choice["text"]?.string ?? ""
            if choice["finish_reason"]?.string == "length" { ends += 1 }
        }
        #expect(texts == choices.compactMap { $0["text"]?.string })
        #expect(ends == 4)
    }

    @Test func textsEndInFrontOfTheirStops() async throws {
        let server = try GenerationWire.server()
        for (stop, text, tokens, reason) in [
            (#""stop": " t51 t1""#, "t14", 3, "stop"), (#""stop": ["zzz", "t51"]"#, "t14 ", 2, "stop"),
            (#""stop_token_ids": [51]"#, "t14", 2, "stop"), (#""stop": null"#, "t14 t51 t14 t21", 4, "length"),
            (#""stop": "t51", "include_stop_str_in_output": true"#, "t14 t51", 2, "stop"),
            (#""stop_token_ids": [51], "min_tokens": 4"#, nil, 4, "length"),
            (#""stop": "t51", "min_tokens": 1"#, "t14 ", 2, "stop"),
            (#""stop": "t51", "min_tokens": 2"#, "t14 t51 t14 t21", 4, "length"),
            (#""stop": "t51 t14", "min_tokens": 2"#, "t14 ", 3, "stop"),
        ] as [(String, String?, Int, String)] {
            let body = #""prompt": "t38", "max_tokens": 4, "temperature": 0, \#(stop)"#
            let whole = try await server.post("{\(body)}", to: Self.path).json
            let choice = try #require(whole["choices"]?.array?.first)
            if let text { #expect(choice["text"]?.string == text, "\(stop)") }
            #expect(choice["finish_reason"]?.string == reason, "\(stop)")
            #expect(whole["usage"]?["completion_tokens"]?.integer == tokens, "\(stop)")
            let events = try await server.post("{\(body), \"stream\": true}", to: Self.path).events()
            let texts = events.compactMap { $0["choices"]?.array?.first?["text"]?.string }
            #expect(texts.joined() == choice["text"]?.string, "\(stop)")
            #expect(events.last?["choices"]?.array?.first?["finish_reason"] == choice["finish_reason"])
        }
    }

    /// Where decoders take the space from the first word of a text, that of one that goes on with another keeps its.
    @Test func theSpaceBehindAPromptIsKept() async throws {
        let words = Dictionary(uniqueKeysWithValues: (1..<67).map { ($0, "\u{2581}t\($0)") })
        let server = try GenerationWire.server(
            naming: words,
            decoder: JSONObject([
                ("type", .string("Metaspace")), ("replacement", .string("\u{2581}")),
                ("prepend_scheme", .string("always")), ("split", .bool(true)),
            ]))
        for (field, text) in [("", " t14 t51"), (#""echo": true,"#, "t38 t14 t51"), (#""stop": " t14","#, "")] {
            let body = #"\#(field) "prompt": [38], "max_tokens": 2, "temperature": 0"#
            let whole = try await server.post("{\(body)}", to: Self.path).json
            #expect(whole["choices"]?.array?.first?["text"]?.string == text)
            let events = try await server.post("{\(body), \"stream\": true}", to: Self.path).events()
            #expect(events.compactMap { $0["choices"]?.array?.first?["text"]?.string }.joined() == text)
        }
        let scored = try await server.post(
            #"{"prompt": [38], "max_tokens": 2, "temperature": 0, "echo": true, "logprobs": 0}"#, to: Self.path
        ).json["choices"]?.array?.first
        #expect(scored?["logprobs"]?["text_offset"]?.array?.map(\.integer) == [0, 3, 7])
        let parameters = #""parameters": {"max_new_tokens": 2, "do_sample": false, "return_full_text": false}"#
        let generated = try await server.post(#"{"inputs": "\u2581t38", \#(parameters)}"#, to: "/generate").json
        #expect(generated["generated_text"]?.string == " t14 t51")
        // As the pipeline of the reference has it.
        let native = try await server.post(#"{"inputs": "\u2581t38", \#(parameters)}"#, to: "/").json
        #expect(native.array?.first?["generated_text"]?.string == "t14 t51")
        // An answer begins a text.
        let chat = try await server.post(
            #"{"messages": [{"role": "user", "content": "\u2581t38"}], "max_tokens": 2, "temperature": 0}"#,
            to: "/v1/chat/completions"
        ).json
        #expect(chat["choices"]?.array?.first?["message"]?["content"]?.string == "t14 t51")
    }

    @Test func promptsAreToldAgainOnRequest() async throws {
        let server = try GenerationWire.server()
        for prompt in [#""t38""#, "[38]"] {
            let body = #""prompt": \#(prompt), "max_tokens": 2, "temperature": 0, "echo": true"#
            let whole = try await server.post("{\(body)}", to: Self.path).json
            let text = try #require(whole["choices"]?.array?.first?["text"]?.string)
            #expect(text == "t38t14 t51")
            let events = try await server.post("{\(body), \"stream\": true}", to: Self.path).events()
            #expect(events.compactMap { $0["choices"]?.array?.first?["text"]?.string }.joined() == text)
        }
    }

    @Test func probabilitiesAreFourLists() async throws {
        let server = try GenerationWire.server()
        let body = #""prompt": "t38", "max_tokens": 3, "temperature": 0, "logprobs": 2"#
        let whole = try await server.post("{\(body)}", to: Self.path).json
        let logprobs = try #require(whole["choices"]?.array?.first?["logprobs"])
        #expect(logprobs.object?.entries.map(\.key) == ["tokens", "token_logprobs", "top_logprobs", "text_offset"])
        #expect(logprobs["tokens"]?.array?.map(\.string) == ["t14", "t51", "t14"])
        #expect(logprobs["text_offset"]?.array?.map(\.integer) == [0, 3, 6])
        let chosen = try #require(logprobs["token_logprobs"]?.array)
        #expect(chosen.count == 3 && chosen.allSatisfy { $0.double ?? 1 < 0 })
        let tops = try #require(logprobs["top_logprobs"]?.array)
        for (top, logprob) in zip(tops, chosen) {
            // The likeliest token was taken.
            #expect(top.object?.entries.count == 2)
            #expect(top.object?.entries.first?.value == logprob)
        }
        // The events have the same lists in parts.
        let events = try await server.post("{\(body), \"stream\": true}", to: Self.path).events()
        for key in ["tokens", "token_logprobs", "top_logprobs", "text_offset"] {
            let parts = events.flatMap { $0["choices"]?.array?.first?["logprobs"]?[key]?.array ?? [] }
            #expect(parts == logprobs[key]?.array, "\(key)")
        }
        let alone = try await server.post(
            #"{"prompt": "t38", "max_tokens": 1, "temperature": 0, "logprobs": 0}"#, to: Self.path)
        let top = try alone.json["choices"]?.array?.first?["logprobs"]?["top_logprobs"]?.array?.first?.object
        #expect(top?.entries.map(\.key) == ["t14"])
    }

    @Test func theBestTextsAreTold() async throws {
        let server = try GenerationWire.server()
        let body = #""prompt": "t38", "max_tokens": 4, "seed": 7, "n": 1, "logprobs": 0"#
        func mean(_ choice: JSONValue?) throws -> Double {
            let logprobs = try #require(choice?["logprobs"]?["token_logprobs"]?.array).compactMap(\.double)
            return logprobs.reduce(0, +) / Double(logprobs.count)
        }
        let all = try await server.post("{\(body), \"n\": 6}".replacing(#""n": 1, "#, with: ""), to: Self.path).json
        let best = try await server.post("{\(body), \"best_of\": 6}", to: Self.path).json
        #expect(best["choices"]?.array?.count == 1)
        #expect(best["usage"]?["completion_tokens"]?.integer == 24)
        let means = try #require(all["choices"]?.array).map { try mean($0) }
        #expect(try mean(best["choices"]?.array?.first) == means.max())
    }

    /// U+2028 and its kin would be ends of lines for some clients.
    @Test func noCharacterBreaksALine() async throws {
        let server = try GenerationWire.server(naming: [9: "x\u{2028}y\u{85}z\u{2029}é"])
        let body = #""prompt": "t38", "max_tokens": 1, "temperature": 0, "logit_bias": {"9": 100}"#
        let whole = try await server.post("{\(body)}", to: Self.path).json
        let text = whole["choices"]?.array?.first?["text"]
        #expect(text?.string == "x\u{2028}y\u{85}z\u{2029}é")
        let stream = try await server.post("{\(body), \"stream\": true}", to: Self.path)
        #expect(stream.text.contains(#""x\u2028y\u0085z\u2029é""#))
        #expect(try stream.events().first?["choices"]?.array?.first?["text"] == text)
    }

    @Test(
        arguments: [
            (#"{}"#, "prompt"), (#"{"prompt": null}"#, "prompt"), (#"{"prompt": []}"#, "prompt"),
            (#"{"prompt": [[]]}"#, "prompt"), (#"{"prompt": 7}"#, "prompt"), (#"{"prompt": [1, "a"]}"#, "prompt"),
            (#"{"prompt": [67]}"#, "prompt"), (#"{"prompt": [[3], [-1]]}"#, "prompt"),
            (#"{"prompt": "t5", "model": 3}"#, "model"), (#"{"prompt": "t5", "max_tokens": 0}"#, "max_tokens"),
            (#"{"prompt": "t5", "max_tokens": "4"}"#, "max_tokens"), (#"{"prompt": "t5", "n": 0}"#, "n"),
            (#"{"prompt": "t5", "n": 129}"#, "n"), (#"{"prompt": "t5", "temperature": 2.5}"#, "temperature"),
            (#"{"prompt": "t5", "temperature": -1}"#, "temperature"), (#"{"prompt": "t5", "top_p": 2}"#, "top_p"),
            (#"{"prompt": "t5", "stop": [7]}"#, "stop"), (#"{"prompt": "t5", "stop": ""}"#, "stop"),
            (#"{"prompt": "t5", "presence_penalty": 3}"#, "presence_penalty"),
            (#"{"prompt": "t5", "frequency_penalty": "1"}"#, "frequency_penalty"),
            (#"{"prompt": "t5", "logit_bias": {"a": 1}}"#, "logit_bias"),
            (#"{"prompt": "t5", "logit_bias": {"3": 101}}"#, "logit_bias"), (#"{"prompt": "t5", "seed": 1.5}"#, "seed"),
            (#"{"prompt": "t5", "logprobs": 6}"#, "logprobs"), (#"{"prompt": "t5", "logprobs": true}"#, "logprobs"),
            (#"{"prompt": "t5", "echo": 1}"#, "echo"),
            (#"{"prompt": "t5", "echo": true, "max_tokens": -1}"#, "max_tokens"),
            (#"{"prompt": "t5", "suffix": "x"}"#, "suffix"), (#"{"prompt": "t5", "best_of": 1, "n": 2}"#, "best_of"),
            (#"{"prompt": "t5", "best_of": 3, "n": 2, "stream": true}"#, "best_of"),
            (#"{"prompt": "t5", "stream": "yes"}"#, "stream"),
            (#"{"prompt": "t5", "stream_options": {"include_usage": 1}}"#, "stream_options.include_usage"),
            (#"{"prompt": "t5", "top_k": -2}"#, "top_k"),
            (#"{"prompt": "t5", "stop_token_ids": "3"}"#, "stop_token_ids"),
            (#"{"prompt": "t5", "use_beam_search": true}"#, "use_beam_search"),
            (#"{"prompt": "t5", "prompt_logprobs": 101}"#, "prompt_logprobs"),
            (#"{"prompt": "t5", "prompt_logprobs": -1}"#, "prompt_logprobs"),
            (#"{"prompt": "t5", "prompt_logprobs": 0, "stream": true}"#, "prompt_logprobs"),
            (#"{"prompt": "t5", "guided_regex": 3}"#, "guided_regex"),
            (#"{"prompt": "t5", "guided_regex": "a", "guided_choice": ["a"]}"#, "guided_choice"),
            (#"{"prompt": "t5", "guided_grammar": "root ::= x"}"#, "guided_grammar"),
            (#"{"prompt": "t5", "response_format": {"type": "xml"}}"#, "response_format.type"),
        ] as [(String, String)])
    func errorsNameTheField(body: String, field: String) async throws {
        let reply = try await GenerationWire.server().post(body, to: Self.path)
        let error = try reply.openAIError()
        #expect(error.status == 400)
        #expect(error.parameter == field)
        #expect(["invalid_request", "empty_inputs"].contains(error.code), "\(reply.text)")
    }

    @Test func whatIsNotSaidIsAsOpenAIHasIt() async throws {
        let server = try GenerationWire.server()
        let reply = try await server.post(
            #"{"prompt": "t38", "seed": -3, "n": null, "stop": null, "suffix": null, "best_of": 1, "top_k": -1}"#,
            to: Self.path)
        #expect(reply.status == 200)
        #expect(try reply.json["usage"]?["completion_tokens"]?.integer == 16)
    }

    /// An error before the first token has a status, also if a stream was asked for.
    @Test(arguments: [true, false]) func anErrorBeforeTheFirstTokenHasAStatus(isStreamed: Bool) async throws {
        let prompt = DecoderCheckpoint.text(repeatElement(5, count: 1300))
        let reply = try await GenerationWire.server().post(
            #"{"prompt": "\#(prompt)", "stream": \#(isStreamed)}"#, to: Self.path)
        #expect(reply.headers[.contentType] == "application/json")
        let error = try reply.openAIError()
        #expect(error.status == 400 && error.code == "context_length_exceeded")
    }

    /// With every token forbidden that was there, a vocabulary of 67 comes to its end.
    @Test func anErrorBehindTheFirstTokenIsTheLastEvent() async throws {
        let server = try GenerationWire.server(
            naming: [:], generation: #"{"eos_token_id": null, "no_repeat_ngram_size": 1}"#)
        let reply = try await server.post(
            #"{"prompt": "t38", "max_tokens": 100, "temperature": 0, "stream": true}"#, to: Self.path)
        #expect(reply.status == 200)
        #expect(!reply.text.contains("[DONE]"))
        let events = try reply.text.split(separator: "\n\n").map {
            try JSONValue(parsing: $0.dropFirst("data: ".count).utf8)
        }
        #expect(events.count == 67)
        #expect(events.last?["error"]?["message"]?.string?.isEmpty == false)
        #expect(events.last?.object?.entries.map(\.key) == ["error"])
        #expect(events.dropLast().allSatisfy { $0["choices"]?.array?.count == 1 })
    }

    @Test func modelsThatDoNotGenerateAreRefused() async throws {
        let server = try TestServer(serving: ["bert-tiny"])
        let reply = try await server.post(#"{"prompt": "a", "model": "bert-tiny"}"#, to: Self.path)
        let error = try reply.openAIError()
        #expect(error.status == 400 && error.code == "unsupported_task")
        let two = try TestServer(serving: ["bert-tiny", "st-mean"])
        let unknown = try await two.post(#"{"prompt": "a", "model": "gpt-4"}"#, to: Self.path).openAIError()
        #expect(unknown.status == 404 && unknown.code == "model_not_found")
    }
}
