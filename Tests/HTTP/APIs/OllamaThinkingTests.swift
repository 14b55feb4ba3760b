import PenstockJSON
import PenstockTestSupport
import Testing

/// Thoughts and probabilities in answers of Ollama's routes.
@Suite struct OllamaThinkingTests {
    private static let template = """
        {% for m in messages %}{{ m.content }} {% if m.thinking %}{{ m.reasoning_content }} {% endif %}{% endfor %}\
        {% if enable_thinking is defined and not enable_thinking and not thinking %}t1 t2 {% endif %}\
        {% if enable_thinking and reasoning_effort == 'high' %}t1 t2 t3 {% endif %}{% if false %}<think>{% endif %}
        """

    /// Behind `t38` greedy search finds the tokens 14, 51, 14, 21, 16 and 21.
    private static func server() throws -> TestServer {
        try GenerationWire.server(naming: [14: "<think>a", 51: "b</think>", 20: "true"], template: template)
    }

    private static let options = #""options":{"temperature":0,"num_predict":6}"#
    private static let chat = #""messages":[{"role":"user","content":"t38"}],\#(options)"#

    @Test(arguments: ["", #","think":null"#, #","think":true"#, #","think":"low""#, #","think":"medium""#])
    func thoughtsAreToldApart(think: String) async throws {
        let server = try Self.server()
        let whole = try await server.post(#"{\#(Self.chat),"stream":false\#(think)}"#, to: "/api/chat").json
        let words = "<think>a t21 t16 t21"
        #expect(whole["message"].written == #"{"role":"assistant","content":"\#(words)","thinking":"a b"}"#)
        let stream = try await server.post("{\(Self.chat)\(think)}", to: "/api/chat")
        let messages = try stream.lines().compactMap { $0["message"] }
        #expect(messages.compactMap { $0["thinking"]?.string } == ["a", " b"])
        #expect(messages.compactMap { $0["content"]?.string }.joined() == words)
        let prompt = #""prompt":"t38",\#(Self.options)"#
        let response = try await server.post(#"{\#(prompt),"stream":false\#(think)}"#, to: "/api/generate").json
        #expect(response["response"]?.string == words && response["thinking"]?.string == "a b")
        let pieces = try await server.post("{\(prompt)\(think)}", to: "/api/generate").lines()
        #expect(pieces.compactMap { $0["thinking"]?.string }.joined() == "a b")
    }

    /// A template knows the wish by its variables, and thoughts of earlier answers by their names.
    @Test func templatesAreToldOfTheWish() async throws {
        let server = try Self.server()
        func prompt(_ fields: String) async throws -> Int? {
            let body = #"{"options":{"num_predict":1},"stream":false,\#(fields)}"#
            return try await server.post(body, to: "/api/chat").json["prompt_eval_count"]?.integer
        }
        let user = #"{"role":"user","content":"t38"}"#
        #expect(try await prompt(#""messages":[\#(user)]"#) == 1)
        #expect(try await prompt(#""messages":[\#(user)],"think":true"#) == 1)
        #expect(try await prompt(#""messages":[\#(user)],"think":false"#) == 3)
        #expect(try await prompt(#""messages":[\#(user)],"think":"high""#) == 4)
        let assistant = #"{"role":"assistant","content":"t5","thinking":"t6 t7"}"#
        #expect(try await prompt(#""messages":[\#(user),\#(assistant),\#(user)]"#) == 5)
    }

    /// Without thoughts, and within forms, an answer is told as it is.
    @Test(arguments: [#""think":false"#, #""think":true,"format":{"const":true}"#])
    func answersAreToldAsTheyAre(field: String) async throws {
        let server = try Self.server()
        for stream in [true, false] {
            let reply = try await server.post(#"{\#(Self.chat),"stream":\#(stream),\#(field)}"#, to: "/api/chat")
            #expect(reply.status == 200 && !reply.text.contains("\"thinking\""), "\(reply.text)")
        }
        let raw = try await server.post(
            #"{"prompt":"t38","raw":true,"stream":false,\#(Self.options)}"#, to: "/api/generate")
        #expect(try raw.json["response"]?.string == "<think>a b</think> <think>a t21 t16 t21")
        #expect(try raw.json["thinking"] == nil)
    }

    /// Where the prompt begins a thought, the answer goes on with it.
    @Test func promptsMayBeginThoughts() async throws {
        let template = "{% for m in messages %}{{ m.content }} {% endfor %}<think>\n"
        func reply(_ names: [Int: String], _ fields: String) async throws -> TestServer.Reply {
            let server = try GenerationWire.server(
                naming: names.merging([66: "<think>"]) { $1 }, template: template)
            return try await server.post("{\(Self.chat),\(fields)}", to: "/api/chat")
        }
        let plain = try await reply([:], #""stream":false,"think":false"#).json["message"]?["content"]?.string
        let third = try #require(plain?.split(separator: " ").dropFirst(2).first)
        let names = [try #require(Int(third.dropFirst())): "c</think>"]
        let text = try await reply(names, #""stream":false,"think":false"#).json["message"]?["content"]?.string
        let parts = try #require(text).split(separator: "</think>", maxSplits: 1)
        try #require(parts.count == 2)
        let message = try await reply(names, #""stream":false"#).json["message"]
        #expect(message?["thinking"]?.string == String(parts[0]))
        #expect(message?["content"]?.string == String(parts[1].dropFirst()))
        let lines = try await reply(names, #""think":true"#).lines().compactMap { $0["message"] }
        #expect(lines.compactMap { $0["thinking"]?.string }.joined() == String(parts[0]))
        #expect(lines.compactMap { $0["content"]?.string }.joined() == String(parts[1].dropFirst()))
    }

    @Test func modelsThatThinkAreListed() async throws {
        let show = try await Self.server().post(#"{"model":"llama"}"#, to: "/api/show").json
        #expect(show["capabilities"].written == #"["completion","thinking"]"#)
    }

    // MARK: Probabilities

    /// They are those of OpenAI's chats, on whichever lines.
    @Test func probabilitiesAreThoseOfChats() async throws {
        let server = try GenerationSample().server
        let messages = #""messages":\#(GenerationSample.chat)"#
        let chat = try await server.post(
            #"{\#(messages),"max_tokens":4,"temperature":0,"logprobs":true,"top_logprobs":2}"#,
            to: "/v1/chat/completions")
        let expected = try #require(try chat.json["choices"]?.array?.first?["logprobs"]?["content"]?.array)
        #expect(expected.count == 4)
        let options = #""options":{"num_predict":4,"temperature":0},"logprobs":true,"top_logprobs":2"#
        for (path, input) in [("/api/chat", messages), ("/api/generate", #""prompt":"t22 t23""#)] {
            let whole = try await server.post(#"{\#(input),"stream":false,\#(options)}"#, to: path).json
            #expect(whole["logprobs"]?.array == expected)
            let lines = try await server.post("{\(input),\(options)}", to: path).lines()
            #expect(lines.flatMap { $0["logprobs"]?.array ?? [] } == expected)
        }
        let none = try await server.post(
            #"{\#(messages),"stream":false,"options":{"num_predict":4},"top_logprobs":2}"#, to: "/api/chat")
        #expect(try none.json["logprobs"] == nil)
    }
}

extension TestServer.Reply {
    /// The lines of a stream.
    fileprivate func lines() throws -> [JSONValue] {
        try text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    }
}
