import HTTPTypes
import PenstockJSON
import PenstockTestSupport
import Testing

/// The routes of llama-server, Text Generation Inference and Triton that generate.
@Suite struct CompletionServersTests {
    // MARK: llama-server

    private static let settings = #""n_predict":4,"temperature":0,"cache_prompt":true,"id_slot":-1,"seed":-1"#
    private static let end =
        #","tokens_predicted":4,"tokens_evaluated":2,"model":"llama","prompt":"t5 t6","truncated":false,"#
        + #""stop_type":"limit","stopping_word":"","tokens_cached":0,"timings":{"#

    @Test(arguments: ["/completion", "/completions"]) func aCompletionByteForByte(path: String) async throws {
        let sample = try GenerationSample()
        let text = try await sample.pieces(#""t5 t6""#).joined()
        let reply = try await sample.server.post(#"{"prompt":"t5 t6",\#(Self.settings)}"#, to: path)
        #expect(
            try GenerationSample.settled(reply.text).hasPrefix(
                #"{"index":0,"content":\#(GenerationSample.quoted(text)),"tokens":[],"stop":true,"id_slot":-1"#
                    + Self.end)
        )
        let timings = try #require(try reply.json["timings"]?.object).entries.map(\.key)
        #expect(
            timings == [
                "prompt_n", "prompt_ms", "prompt_per_second", "predicted_n", "predicted_ms", "predicted_per_second",
            ])
    }

    @Test func aCompletionIsStreamed() async throws {
        let sample = try GenerationSample()
        let pieces = try await sample.pieces(#""t5 t6""#)
        let reply = try await sample.server.post(
            #"{"prompt":"t5 t6","stream":true,\#(Self.settings)}"#, to: "/completion")
        #expect(reply.headers[.contentType] == "text/event-stream")
        let events = try reply.text.split(separator: "\n\n").map {
            #expect($0.hasPrefix("data: "))
            return try JSONValue(parsing: $0.dropFirst("data: ".count).utf8)
        }
        #expect(events.dropLast().compactMap { $0["content"]?.string } == pieces)
        #expect(events.dropLast().allSatisfy { $0["stop"]?.bool == false && $0["tokens"]?.array?.count == 1 })
        #expect(events.last?["stop"]?.bool == true && events.last?["content"]?.string == "")
        #expect(events.last?["stop_type"]?.string == "limit")
    }

    /// The prompt is computed, and nothing behind it.
    @Test func nothingIsPredictedOnRequest() async throws {
        let server = try GenerationSample().server
        let body = #""prompt":"t5 t6","n_predict":0"#
        let whole = try await server.post("{\(body)}", to: "/completion").json
        #expect(whole["content"]?.string == "" && whole["stop_type"]?.string == "limit")
        #expect(whole["tokens_predicted"]?.integer == 0 && whole["tokens_evaluated"]?.integer == 2)
        #expect(whole["timings"]?["predicted_ms"]?.double == 0 && whole["timings"]?["prompt_n"]?.integer == 2)
        let stream = try await server.post("{\(body),\"stream\":true}", to: "/completion")
        let events = stream.text.split(separator: "\n\n")
        let last = try JSONValue(parsing: #require(events.first).dropFirst("data: ".count).utf8)
        #expect(events.count == 1 && last["stop"]?.bool == true && last["stop_type"]?.string == "limit")
    }

    @Test func tokensComeAndGo() async throws {
        let server = try GenerationSample().server
        let native = try await server.post(
            #"{"inputs":"t5 t6","add_special_tokens":false}"#, to: "/models/llama/tokenize")
        let ids = try native.json["ids"].written
        #expect(try await server.post(#"{"content":"t5 t6"}"#, to: "/tokenize").text == #"{"tokens":\#(ids)}"#)
        let pieces = try await server.post(#"{"content":"t5 t6","with_pieces":true}"#, to: "/tokenize").json
        #expect(pieces["tokens"]?.array?.compactMap { $0["id"] } == (try native.json["ids"]?.array))
        #expect(pieces["tokens"]?.array?.first?["piece"]?.string?.contains("t5") == true)
        let text = try await server.post(#"{"tokens":\#(ids)}"#, to: "/detokenize")
        #expect(text.text == #"{"content":"t5 t6"}"#)
        #expect(try await server.post(#"{"tokens":[]}"#, to: "/detokenize").text == #"{"content":""}"#)
        let byTokens = try await server.post(#"{"prompt":\#(ids),\#(Self.settings)}"#, to: "/completion")
        let byText = try await server.post(#"{"prompt":"t5 t6",\#(Self.settings)}"#, to: "/completion")
        #expect(try byTokens.json["content"] == byText.json["content"])
    }

    @Test func theServerTellsOfItsModel() async throws {
        let server = try GenerationSample().server
        let properties = try await server.send(.get, "/props").json
        #expect(properties["total_slots"]?.integer == 1 && properties["model_path"]?.string == "llama")
        #expect(try #require(properties["default_generation_settings"]?["n_ctx"]?.integer) > 0)
        let settings = try JSONValue(parsing: DecoderCheckpoint.chatSettings().bytes)
        #expect(properties["chat_template"]?.string == settings["chat_template"]?.string)
        #expect(properties["chat_template_tool_use"] == nil)
        #expect(properties["bos_token"]?.string == "t66" && properties["eos_token"]?.string == "")
        #expect(try await server.send(.get, "/slots?fail_on_no_slot=1").json.array?.count == 1)
    }

    @Test func templatesAreToldAsTheyAre() async throws {
        let templates = #"[{"name":"default","template":"a {{ b }}"},{"name":"tool_use","template":"c"}]"#
        let server = try TestServer(
            decoder: "llama",
            files: [("tokenizer_config.json", Array(#"{"chat_template":\#(templates)}"#.utf8))])
        let properties = try await server.send(.get, "/props").json
        #expect(properties["chat_template"]?.string == "a {{ b }}")
        #expect(properties["chat_template_tool_use"]?.string == "c")
        let plain = try await TestServer(decoder: "llama").send(.get, "/props").json
        #expect(plain["chat_template"]?.string == "" && plain["bos_token"]?.string == "")
    }

    @Test(arguments: [
        (#"{"n_predict":4}"#, "prompt"), (#"{"prompt":[]}"#, "prompt"),
        (#"{"prompt":"t5","n_predict":-3}"#, "n_predict"),
        (#"{"prompt":"t5","grammar":"root ::= \"a\""}"#, "grammar"), (#"{"prompt":"t5","n_probs":3}"#, "n_probs"),
        (#"{"prompt":"t5","json_schema":3}"#, "json_schema"), (#"{"prompt":"t5","top_p":2}"#, "top_p"),
        (#"{"prompt":"t5","repeat_penalty":1.1,"repeat_last_n":64}"#, "repeat_last_n"),
    ])
    func wrongFieldsAreNamed(body: String, field: String) async throws {
        let reply = try await GenerationSample().server.post(body, to: "/completion")
        #expect(reply.status == 400)
        #expect(try reply.json["error"]?["param"]?.string == field)
    }

    /// Penalties look back on the whole text, or on nothing.
    @Test func penaltiesOfNothingChangeNothing() async throws {
        let server = try GenerationSample().server
        func text(_ more: String) async throws -> String? {
            let body = #"{"prompt":"t5","n_predict":6,"temperature":0\#(more)}"#
            return try await server.post(body, to: "/completion").json["content"]?.string
        }
        let plain = try await text("")
        #expect(plain != nil)
        for more in [#","repeat_penalty":1.9,"repeat_last_n":0"#, #","repeat_penalty":1,"repeat_last_n":64"#] {
            #expect(try await text(more) == plain, "\(more)")
        }
        #expect(try await text(#","repeat_penalty":1.9,"repeat_last_n":-1"#) != nil)
    }

    // MARK: Text Generation Inference

    private static let parameters = #"{"max_new_tokens":4,"do_sample":false,"seed":1,"details":true,"stop":null}"#

    @Test func aTextWithDetails() async throws {
        let server = try GenerationSample().server
        let hosted = try await server.post(
            #"{"inputs":"t5 t6","parameters":{"max_new_tokens":4,"do_sample":false,"seed":1,"details":true}}"#,
            to: "/models/llama/pipeline/text-generation")
        let reply = try await server.post(#"{"inputs":"t5 t6","parameters":\#(Self.parameters)}"#, to: "/generate")
        #expect("[\(reply.text)]" == hosted.text)
        #expect(try reply.keys() == ["generated_text", "details"])
        let likeliest = try await server.post(
            #"{"inputs":"t5 t6","parameters":{"max_new_tokens":2,"do_sample":false,"details":true,"top_n_tokens":3}}"#,
            to: "/generate")
        let tops = try likeliest.json["details"]?["top_tokens"]?.array
        #expect(tops?.map { $0.array?.count } == [3, 3])
    }

    @Test func eventsOfATextAreThoseOfThePipeline() async throws {
        let server = try GenerationSample().server
        let native = try await server.post(
            #"{"inputs":"t5 t6","parameters":{"max_new_tokens":4,"do_sample":false,"return_full_text":false,"seed":1},"stream":true}"#,
            to: "/")
        let reply = try await server.post(
            #"{"inputs":"t5 t6","parameters":\#(Self.parameters)}"#, to: "/generate_stream")
        #expect(reply.headers[.contentType] == "text/event-stream")
        let (events, others) = (reply.text.split(separator: "\n\n"), native.text.split(separator: "\n\n"))
        // The last one tells how long it took.
        #expect(events.dropLast() == others.dropLast())
        let last = try JSONValue(parsing: #require(events.last).dropFirst("data:".count).utf8)
        let other = try JSONValue(parsing: #require(others.last).dropFirst("data:".count).utf8)
        #expect(last["generated_text"] == other["generated_text"])
    }

    @Test(arguments: [
        #"{"inputs":3}"#, #"{"parameters":{}}"#, #"{"inputs":"t5","parameters":{"max_new_token":3}}"#,
        #"{"inputs":"t5","parameters":{"watermark":true}}"#,
        #"{"inputs":"t5","parameters":{"grammar":{"type":"lark"}}}"#,
    ])
    func errorsAreTexts(body: String) async throws {
        for path in ["/generate", "/generate_stream"] {
            let reply = try await GenerationSample().server.post(body, to: path)
            #expect(reply.status == 400)
            #expect(try reply.keys() == ["error"])
        }
    }

    // MARK: Triton

    @Test(arguments: ["/v2/models/llama", "/v2/models/llama/versions/1"])
    func aTextOfTriton(path: String) async throws {
        let sample = try GenerationSample()
        let pieces = try await sample.pieces(#""t5 t6""#)
        func output(_ text: String) -> String {
            #"{"id":"7","model_name":"llama","model_version":"1","text_output":\#(GenerationSample.quoted(text))}"#
        }
        for settings in [
            #""parameters":{"max_tokens":4,"temperature":0,"stream":false}"#,
            #""max_tokens":4,"temperature":0,"stop_words":"","bad_words":"""#,
        ] {
            let body = #"{"id":"7","text_input":"t5 t6",\#(settings)}"#
            #expect(try await sample.server.post(body, to: "\(path)/generate").text == output(pieces.joined()))
            let stream = try await sample.server.post(body, to: "\(path)/generate_stream")
            #expect(stream.text == pieces.map { "data: \(output($0))\n\n" }.joined())
        }
        let nothing = try await sample.server.post(
            #"{"id":"7","text_input":"t5 t6","max_tokens":0}"#, to: "\(path)/generate_stream")
        #expect(nothing.text == "data: \(output(""))\n\n")
        let whole = try await sample.server.post(
            #"{"text_input":"t5 t6","max_tokens":4,"temperature":0,"exclude_input_in_output":false}"#,
            to: "\(path)/generate")
        #expect(try whole.json["text_output"]?.string == "t5 t6" + pieces.joined())
        for settings in [#""guided_choice":["t3 t7"]"#, #""parameters":{"guided_choice":["t3 t7"]}"#] {
            let chosen = try await sample.server.post(
                #"{"text_input":"t5 t6","max_tokens":10,\#(settings)}"#, to: "\(path)/generate")
            #expect(try chosen.json["text_output"]?.string == "t3 t7")
        }
        let wrong = try await sample.server.post(#"{"prompt":"t5"}"#, to: "\(path)/generate")
        #expect(wrong.status == 400)
        #expect(try wrong.keys() == ["error"])
    }
}
