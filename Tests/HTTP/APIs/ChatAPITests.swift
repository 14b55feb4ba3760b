import PenstockJSON
import PenstockTestSupport
import Testing

/// Chats over HTTP, and the prompts that they become.
@Suite struct ChatAPITests {
    /// The template of the fixture, whose tokens are words.
    private static func server() throws -> TestServer {
        try TestServer(decoder: "llama", files: [DecoderCheckpoint.chatSettings()])
    }

    private static let chat = #"[{"role": "user", "content": "t22 t23"}]"#

    @Test func aChatIsAnsweredWithItsMessages() async throws {
        let server = try Self.server()
        let body = #""inputs": \#(Self.chat), "max_new_tokens": 4, "do_sample": false, "seed": 1"#
        let answer = try await server.post("{\(body)}", to: "/").json.array?.first?["generated_text"]?.array
        #expect(answer?.map { $0["role"]?.string } == ["user", "assistant"])
        let content = try #require(answer?.last?["content"]?.string)
        // Of a stream, and for clients of Hugging Face, it is the text.
        let stream = try await server.post("{\(body), \"stream\": true}", to: "/")
        #expect(stream.status == 200)
        let events = try stream.text.split(separator: "\n\n").map {
            try JSONValue(parsing: $0.dropFirst("data:".count).utf8)
        }
        #expect(events.count == 4 && events.dropLast().allSatisfy { $0["generated_text"]?.isNull == true })
        #expect(events.last?["generated_text"]?.string == content)
        #expect(events.compactMap { $0["token"]?["text"]?.string }.joined() == content)
        #expect(events.last?["details"]?["input_length"]?.integer == 6)
        let hosted = try await server.post("{\(body)}", to: "/models/llama/pipeline/text-generation")
        #expect(try hosted.json.array?.first?["generated_text"]?.string == content)
    }

    /// A chat of many messages is one text, and not as many as it has.
    @Test func longChatsAreOneText() async throws {
        let message = #"{"role": "user", "content": ""}"#
        let chat = repeatElement(message, count: 200).joined(separator: ",")
        let reply = try await Self.server().post(#"{"inputs": [\#(chat)], "max_new_tokens": 1}"#, to: "/")
        #expect(reply.status == 200)
        #expect(try reply.json.array?.first?["generated_text"]?.array?.count == 201)
    }

    @Test func promptsAreShown() async throws {
        let server = try Self.server()
        let prompt = "t66 t11 t22 t23 t13 t12"
        for (path, body) in [
            ("/apply-template", #"{"messages": \#(Self.chat)}"#), ("/apply-template", #"{"inputs": \#(Self.chat)}"#),
            ("/models/llama/apply-template", #"{"messages": \#(Self.chat), "parameters": {"tools": []}}"#),
        ] {
            let reply = try await server.post(body, to: path)
            #expect(reply.status == 200)
            #expect(reply.text == #"{"prompt":"\#(prompt)","tokens":6}"#, "\(body)")
        }
        let without = try await server.post(
            #"{"messages": \#(Self.chat), "add_generation_prompt": false}"#, to: "/apply-template")
        #expect(try without.json["prompt"]?.string == "t66 t11 t22 t23 t13 ")
        let prefill = #"[{"role": "user", "content": "t22"}, {"role": "assistant", "content": "t30"}]"#
        let goesOn = try await server.post(#"{"messages": \#(prefill)}"#, to: "/apply-template")
        #expect(try goesOn.json["prompt"]?.string == "t66 t11 t22 t13 t12 t30")
        let new = try await server.post(
            #"{"messages": \#(prefill), "continue_final_message": false, "chat_template_kwargs": {"extra": "t46"}}"#,
            to: "/apply-template")
        #expect(try new.json["prompt"]?.string == "t66 t11 t22 t46 t13 t12 t30 t46 t13 t12")
    }

    @Test(arguments: [
        (#"{"messages": "t5"}"#, 422, "invalid_inputs"), (#"{"messages": []}"#, 422, "invalid_inputs"),
        (#"{"messages": [{"role": "user"}]}"#, 422, "invalid_inputs"), (#"{}"#, 422, "invalid_request"),
        (#"{"messages": [{"role": "user", "content": "t5"}], "x": 1}"#, 422, "invalid_parameter"),
        ("{", 400, "malformed_json"),
    ])
    func refuses(body: String, status: Int, code: String) async throws {
        let reply = try await Self.server().post(body, to: "/apply-template")
        #expect(reply.status == status)
        #expect(try reply.errorCode == code)
    }

    @Test func modelsWithoutChatsSaySo() async throws {
        let body = #"{"messages": \#(Self.chat)}"#
        let encoder = try await TestServer(checkpoint: "bert-tiny").post(body, to: "/apply-template")
        #expect(try encoder.status == 422 && encoder.errorCode == "invalid_request")
        let plain = try await TestServer(decoder: "llama").post(body, to: "/models/llama/apply-template")
        #expect(try plain.status == 422 && plain.errorCode == "invalid_inputs")
    }

    /// What is wrong with a file is for the log, and its path no business of clients.
    @Test func pathsAreNotTold() async throws {
        let server = try TestServer(decoder: "llama", files: [("chat_template.jinja", [0xFF])])
        let reply = try await server.post(#"{"messages": \#(Self.chat)}"#, to: "/apply-template")
        #expect(reply.status == 422)
        #expect(reply.text.contains("cannot be read") && !reply.text.contains("/"))
    }
}
