import Penstock
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// Answers to chats.
@Suite struct ChatTests {
    private static let fixture = Result { try Fixtures.json(Fixtures.path("chats/pipeline.json")) }

    private static func config(_ more: [(String, JSONValue)] = []) throws -> JSONObject {
        JSONObject(
            [
                ("bos_token", .string("t66")), ("pad_token", .string("t65")),
                ("chat_template", try #require(try fixture.get()["template"])),
            ] + more)
    }

    private static func text(_ object: JSONObject) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(.object(object))
        return writer.finish()
    }

    private static func model(_ files: [(String, [UInt8])]) throws -> GeneratingModel {
        try GeneratingModel(files: files)
    }

    private static func model() throws -> GeneratingModel {
        try model([("tokenizer_config.json", text(try config()))])
    }

    private static func message(_ role: String, _ content: String) -> JSONValue {
        .object(JSONObject([("role", .string(role)), ("content", .string(content))]))
    }

    private static let greedy: [(String, JSONValue)] = [("max_new_tokens", .integer(6)), ("do_sample", .bool(false))]

    private static func answer(
        _ generating: GeneratingModel, _ inputs: JSONValue, _ parameters: [(String, JSONValue)] = []
    ) async throws -> JSONValue {
        try JSONValue(
            parsing: await generating.model.answer(inputs, parameters: JSONObject(greedy + parameters)))
    }

    @Test func answersAreThoseOfTheReference() async throws {
        let generating = try Self.model()
        let cases = try #require(try Self.fixture.get()["cases"]?.array)
        #expect(cases.count == 12)
        for golden in cases {
            let inputs = try #require(golden["inputs"])
            let parameters = golden["parameters"]?.object?.entries.map { ($0.key, $0.value) } ?? []
            let answer = try await Self.answer(generating, inputs, parameters)
            #expect(answer == golden["answer"], "\(golden["parameters"] as Any)")
        }
    }

    /// The same variable under the name that other servers have for it.
    @Test func variablesHaveTwoNames() async throws {
        let generating = try Self.model()
        let chat = JSONValue.array([Self.message("user", "t22")])
        let extra = JSONValue.object(JSONObject([("extra", .string("t46"))]))
        let answers = [
            try await Self.answer(generating, chat, [("tokenizer_encode_kwargs", extra)]),
            try await Self.answer(generating, chat, [("chat_template_kwargs", extra)]),
        ]
        #expect(answers[0] == answers[1])
        #expect(try await Self.answer(generating, chat) != answers[0])
    }

    /// A name of a special token in a message is read as any other word.
    @Test func messagesWriteNoSpecialTokens() async throws {
        let generating = try Self.model()
        func answer(_ content: String) async throws -> JSONValue? {
            try await Self.answer(
                generating, .array([Self.message("user", content)]),
                [("return_full_text", .bool(false)), ("details", .bool(true)), ("seed", .integer(1))])
        }
        // `t0` is what the vocabulary has for words that it has not.
        #expect(try await answer("t22 zt66z t23") == answer("t22 t0 t23"))
    }

    @Test(
        arguments: [
            (#"[{"role": "user"}]"#, "{}", PipelineError.Code.invalidInputs, "inputs[0] has to be a message"),
            (#"[{"role": "user", "content": "t5"}, "t6"]"#, "{}", .invalidInputs, "inputs[1] has to be a message"),
            (#"[[], []]"#, "{}", .invalidInputs, "inputs[0]"),
            (#""t5""#, #"{"tools": []}"#, .invalidParameter, "it is for chats"),
            (#"[{"role": "user", "content": "t5"}]"#, #"{"prefix": "t6"}"#, .invalidParameter, "prefix"),
            (#"[{"role": "user", "content": "t5"}]"#, #"{"tools": ["x"]}"#, .invalidParameter, "a list of objects"),
            (
                #"[{"role": "user", "content": "t5"}]"#, #"{"chat_template": "x"}"#, .invalidInputs,
                "no chat template 'x', but default"
            ),
            (
                #"[{"role": "user", "content": "t5"}]"#, #"{"chat_template_kwargs": {"messages": []}}"#,
                .invalidParameter, "chat_template_kwargs.messages"
            ),
            (
                #"[{"role": "user", "content": "t5"}]"#, #"{"tokenizer_encode_kwargs": {"truncation": true}}"#,
                .invalidParameter, "tokenizer_encode_kwargs.truncation"
            ),
            (
                #"[{"role": "user", "content": null}]"#, #"{"continue_final_message": true}"#, .invalidInputs,
                "has no 'content' to continue"
            ),
        ])
    func refuses(inputs: String, parameters: String, code: PipelineError.Code, words: String) async throws {
        let generating = try Self.model()
        let object = try #require(try JSONValue(parsing: parameters.utf8).object)
        let values = object.entries.map { ($0.key, $0.value) }
        await #expect {
            try await Self.answer(generating, JSONValue(parsing: inputs.utf8), values)
        } throws: { error in
            let error = error as? PipelineError
            return error?.code == code && error?.message.contains(words) == true
        }
    }

    // MARK: Files

    /// Which template counts, by what it writes: the answers to one word differ by the token before it.
    @Test func filesHaveThePrecedenceOfUpstream() async throws {
        func template(_ token: String) -> String { "\(token) {{ messages[0].content }}" }
        func answer(_ files: [(String, String)], _ parameters: [(String, JSONValue)] = []) async throws -> JSONValue {
            let generating = try Self.model(files.map { ($0.0, Array($0.1.utf8)) })
            return try await Self.answer(
                generating, .array([Self.message("user", "t22")]), [("return_full_text", .bool(false))] + parameters)
        }
        func expected(_ token: String) async throws -> JSONValue {
            try await Self.answer(
                try Self.model([]), .string("\(token) t22"), [("return_full_text", .bool(false))])
        }
        let named =
            #"[{"name": "default", "template": "\#(template("t30"))"}, "#
            + #"{"name": "tool_use", "template": "\#(template("t31"))"}]"#
        let config = ("tokenizer_config.json", #"{"chat_template": "\#(template("t30"))"}"#)
        let list = ("tokenizer_config.json", #"{"chat_template": \#(named)}"#)
        let jinja = ("chat_template.jinja", template("t32"))
        let additional = ("additional_chat_templates/tool_use.jinja", template("t33"))
        let processor = ("chat_template.json", #"{"chat_template": "\#(template("t34"))"}"#)
        let tools: [(String, JSONValue)] = [("tools", .array([.object(JSONObject())]))]

        #expect(try await answer([config, processor]) == expected("t30"))
        #expect(try await answer([list]) == expected("t30"))
        #expect(try await answer([list], tools) == expected("t31"))
        #expect(try await answer([list], [("chat_template", .string("tool_use"))]) == expected("t31"))
        #expect(try await answer([config, jinja, processor]) == expected("t32"))
        #expect(try await answer([list, jinja], tools) == expected("t32"))
        #expect(try await answer([list, jinja, additional], tools) == expected("t33"))
        #expect(try await answer([processor]) == expected("t34"))
        await #expect(throws: PipelineError.self) { try await answer([config, additional]) }
        await #expect(throws: PipelineError.self) { try await answer([]) }
    }

    /// A template that cannot be read refuses chats, and says where it is wrong; the model does the rest.
    @Test(arguments: ["{% if %}", "{{ 'x' | random }}"])
    func brokenTemplatesRefuseChatsAlone(template: String) async throws {
        let generating = try Self.model([("chat_template.jinja", Array("\n  \(template)".utf8))])
        _ = try await Self.answer(generating, .string("t5"))
        await #expect {
            try await Self.answer(generating, .array([Self.message("user", "t5")]))
        } throws: { error in
            let error = error as? PipelineError
            return error?.code == .unsupportedTask && error?.message.contains("'default'") == true
                && error?.message.contains("line 2, column") == true
        }
        #expect(generating.model.pipelines[0].warnings.contains { $0.contains("line 2, column") })
    }

    @Test func settingsThatAreNoTemplatesRefuseChatsAlone() async throws {
        for setting in [JSONValue.integer(1), .array([.string("x")])] {
            let config = JSONObject([("chat_template", setting)])
            let generating = try Self.model([("tokenizer_config.json", Self.text(config))])
            _ = try await Self.answer(generating, .string("t5"))
            await #expect(throws: PipelineError.self) {
                try await Self.answer(generating, .array([Self.message("user", "t5")]))
            }
        }
    }

    /// Upstream makes more of an answer than its text then: that is refused, and the text alone is not.
    @Test func templatesOfAnswersAreRefused() async throws {
        let config = try Self.config([("response_template", .object(JSONObject([("x", .string("y"))])))])
        let generating = try Self.model([("tokenizer_config.json", Self.text(config))])
        let chat = JSONValue.array([Self.message("user", "t5")])
        await #expect {
            try await Self.answer(generating, chat)
        } throws: { ($0 as? PipelineError)?.message.contains("response_template") == true }
        let answer = try await Self.answer(generating, chat, [("return_full_text", .bool(false))])
        #expect(answer.array?.first?["generated_text"]?.string != nil)
        _ = try await Self.answer(generating, .array([Self.message("user", "t5"), Self.message("assistant", "t6")]))
    }

    @Test(arguments: [
        ("{{ raise_exception('no ' ~ messages[0].content) }}", "refuses the chat: no t5"),
        ("{{ 'a' * 99999999999 }}", "cannot render the chat: line 1, column 4 of the template: a value would be"),
        ("{{ messages[0].content + 1 }}", "cannot render the chat: line 1, column"),
    ])
    func templatesThatFailRefuseTheChat(template: String, words: String) async throws {
        let generating = try Self.model([("chat_template.jinja", Array(template.utf8))])
        await #expect {
            try await Self.answer(generating, .array([Self.message("user", "t5")]))
        } throws: { error in
            let error = error as? PipelineError
            return error?.code == .invalidInputs && error?.message.contains(words) == true
        }
    }

    // MARK: Swift

    @Test func aLibraryAnswersChats() async throws {
        let checkpoint = try DecoderCheckpoint(
            "llama", generation: #"{"eos_token_id": null}"#,
            files: [("tokenizer_config.json", Self.text(try Self.config()))])
        let pipeline = try await Pipeline<TextGeneration>(directory: checkpoint.path, serving: .patient())
        var options = TextGeneration.Options()
        options.generation.maxNewTokens = 6
        options.generation.doSample = false
        let chat = [ChatMessage(role: "user", content: "t22 t23"), ChatMessage(role: "assistant", content: "t30")]
        let answer = try await pipeline(Array(chat.prefix(1)), options)[0]
        #expect(answer.chat == [chat[0], ChatMessage(role: "assistant", content: answer.text)])
        let continued = try await pipeline(chat, options)[0]
        #expect(continued.chat == [chat[0], ChatMessage(role: "assistant", content: "t30" + continued.text)])
        var streamed = ""
        for try await piece in pipeline.stream(chat, options) { streamed += piece.text }
        #expect(streamed == continued.text)
        options.returnFullText = false
        #expect(try await pipeline(chat, options)[0].chat == nil)
        #expect(try await pipeline([.chat(chat), .text("t5")], options).map { $0[0].text }[0] == continued.text)
    }
}
