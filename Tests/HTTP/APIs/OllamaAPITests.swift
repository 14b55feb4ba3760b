import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockServing
import PenstockTestSupport
import Testing

/// The routes of Ollama as its clients know them.
@Suite struct OllamaAPITests {
    private static let options = #"{"num_predict":4,"temperature":0,"num_ctx":2048,"num_thread":3}"#
    private static let took =
        #""total_duration":0,"load_duration":0,"prompt_eval_count":6,"prompt_eval_duration":0,"eval_count":4,"eval_duration":0"#

    // MARK: Chats

    /// A request as `ollama` for Python sends it.
    @Test(arguments: ["llama", "llama:latest"]) func aChatIsStreamedByDefault(name: String) async throws {
        let sample = try GenerationSample()
        let pieces = try await sample.pieces(GenerationSample.chat)
        let reply = try await sample.server.post(
            #"{"model":"\#(name)","messages":\#(GenerationSample.chat),"tools":[],"format":null,"keep_alive":"5m","options":\#(Self.options)}"#,
            to: "/api/chat")
        #expect(reply.status == 200)
        #expect(reply.headers[.contentType] == "application/x-ndjson")
        let head = #"{"model":"\#(name)","created_at":"T","message":{"role":"assistant","content":"#
        let lines =
            pieces.map { head + GenerationSample.quoted($0) + #"},"done":false}"# }
            + [head + #"""},"done":true,"done_reason":"length",\#(Self.took)}"#]
        #expect(try GenerationSample.settled(reply.text) == lines.map { $0 + "\n" }.joined())
    }

    @Test func aChatAsAWhole() async throws {
        let sample = try GenerationSample()
        let text = try await sample.pieces(GenerationSample.chat).joined()
        for think in ["null", "false"] {
            let reply = try await sample.server.post(
                #"{"model":"llama","messages":\#(GenerationSample.chat),"stream":false,"think":\#(think),"options":\#(Self.options)}"#,
                to: "/api/chat")
            #expect(reply.headers[.contentType] == "application/json")
            #expect(
                try GenerationSample.settled(reply.text)
                    == #"{"model":"llama","created_at":"T","message":{"role":"assistant","content":"#
                    + GenerationSample.quoted(text) + #"},"done":true,"done_reason":"length",\#(Self.took)}"#)
        }
    }

    @Test func promptsBecomeChatsUnlessTheyAreRaw() async throws {
        let sample = try GenerationSample()
        let answer = try await sample.pieces(GenerationSample.chat).joined()
        func response(_ fields: String) async throws -> JSONValue? {
            try await sample.server.post(
                #"{"model":"llama","stream":false,"options":\#(Self.options),\#(fields)}"#, to: "/api/generate"
            ).json["response"]
        }
        #expect(try await response(#""prompt":"t22 t23""#) == .string(answer))
        let raw = try await sample.pieces(#""t5 t6""#).joined()
        #expect(
            try await response(#""prompt":"t5 t6","raw":true,"suffix":"","context":[],"images":[]"#) == .string(raw))
        let system = try await sample.server.post(
            #"{"model":"llama","stream":false,"options":\#(Self.options),"messages":[{"role":"system","content":"t30"},{"role":"user","content":"t22"}]}"#,
            to: "/api/chat")
        #expect(
            try await response(#""prompt":"t22","system":"t30""#) == system.json["message"]?["content"])
        let streamed = try await sample.server.post(
            #"{"prompt":"t22 t23","options":\#(Self.options)}"#, to: "/api/generate")
        let lines = try streamed.text.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
        #expect(lines.compactMap { $0["response"]?.string }.joined() == answer)
        #expect(lines.last?["done"]?.bool == true && lines.last?["eval_count"]?.integer == 4)
    }

    @Test func textsEndAtTheirStops() async throws {
        let sample = try GenerationSample()
        let pieces = try await sample.pieces(GenerationSample.chat)
        let (text, stop) = (pieces.joined(), try #require(pieces.dropLast().last).filter { $0 != " " })
        let range = try #require(text.firstRange(of: stop))
        let reply = try await sample.server.post(
            #"{"messages":\#(GenerationSample.chat),"stream":false,"options":{"num_predict":40,"temperature":0,"stop":["\#(stop)"]}}"#,
            to: "/api/chat")
        #expect(try reply.json["message"]?["content"]?.string == String(text[..<range.lowerBound]))
        #expect(try reply.json["done_reason"]?.string == "stop")
    }

    /// Clients ask nothing to have a model loaded.
    @Test(arguments: [("/api/chat", #""messages":[]"#), ("/api/generate", #""keep_alive":-1"#)])
    func nothingIsAsked(path: String, field: String) async throws {
        let reply = try await GenerationSample().server.post(#"{"model":"llama",\#(field)}"#, to: path)
        let message = path == "/api/chat" ? #""message":{"role":"assistant","content":""}"# : #""response":"""#
        #expect(
            try GenerationSample.settled(reply.text)
                == #"{"model":"llama","created_at":"T",\#(message),"done":true,"done_reason":"load"}"#)
    }

    @Test(arguments: [
        ("/api/chat", #"{"messages":"t5"}"#, "messages"), ("/api/chat", #"{"messages":[{}]}"#, "role"),
        ("/api/chat", #"{"messages":[{"role":"user","content":"a","images":["aGk="]}]}"#, "images"),
        ("/api/chat", #"{"messages":[{"role":"user","content":"t5"}],"think":true}"#, "think"),
        ("/api/chat", #"{"messages":[{"role":"user","content":"t5"}],"think":"hard"}"#, "think"),
        ("/api/generate", #"{"prompt":"t5","raw":true,"think":"high"}"#, "think"),
        ("/api/chat", #"{"messages":[{"role":"user","content":"t5"}],"format":3}"#, "format"),
        ("/api/chat", #"{"messages":[{"role":"user","content":"t5"}],"logprobs":3}"#, "logprobs"),
        ("/api/chat", #"{"messages":[{"role":"user","content":"t5"}],"top_logprobs":21}"#, "top_logprobs"),
        ("/api/chat", #"{"messages":[{"role":"user","content":"t5"}],"options":{"temperature":"x"}}"#, "temperature"),
        ("/api/chat", #"{"messages":[{"role":"user","content":"t5"}],"options":{"mirostat":2}}"#, "mirostat"),
        ("/api/chat", #"{"messages":[{"role":"user","content":"t5"}],"options":[]}"#, "options"),
        (
            "/api/chat",
            #"{"messages":[{"role":"user","content":"t5"}],"options":{"repeat_penalty":1.1,"repeat_last_n":64}}"#,
            "repeat_last_n"
        ),
        (
            "/api/chat",
            #"{"messages":[{"role":"user","content":"t5"}],"tools":[{"type":"function","function":{"name":"f"}}]}"#,
            "tools"
        ),
        ("/api/generate", #"{"prompt":"t5","suffix":"t6"}"#, "suffix"),
        ("/api/generate", #"{"prompt":"t5","context":[1]}"#, "context"),
        ("/api/generate", #"{"prompt":"t5","template":"x"}"#, "template"),
        ("/api/generate", #"{"prompt":"t5","raw":true,"system":"t6"}"#, "system"),
        ("/api/generate", #"{"prompt":3}"#, "prompt"), ("/api/generate", "", "empty"), ("/api/chat", "{", "JSON"),
        ("/api/embed", #"{"input":"a"}"#, "embedding"),
    ])
    func errorsAreTexts(path: String, body: String, part: String) async throws {
        let reply = try await GenerationSample().server.post(body, to: path)
        #expect(reply.status == 400)
        #expect(reply.headers[.contentType] == "application/json")
        #expect(try reply.keys() == ["error"])
        #expect(try reply.json["error"]?.string?.contains(part) == true, "\(reply.text)")
    }

    // MARK: Embeddings

    @Test func embeddingsByteForByte() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let native = try await WireSample(server: server).native("st-mean", #"["the cat"]"#, #"{"normalize": true}"#)
        for input in [#""the cat""#, #"["the cat"]"#] {
            let reply = try await server.post(
                #"{"model":"st-mean:latest","input":\#(input),"truncate":null,"options":{}}"#, to: "/api/embed")
            #expect(
                try GenerationSample.settled(reply.text) == #"{"model":"st-mean:latest","embeddings":"# + native.written
                    + #","total_duration":0,"load_duration":0,"prompt_eval_count":8}"#)
        }
        let old = try await server.post(#"{"model":"st-mean","prompt":"the cat"}"#, to: "/api/embeddings")
        #expect(old.text == #"{"embedding":\#((native?.array?.first).written)}"#)
        for body in ["{}", #"{"input":""}"#, #"{"input":[]}"#] {
            #expect(try await server.post(body, to: "/api/embed").json["embeddings"]?.array == [])
        }
        #expect(try await server.post("{}", to: "/api/embeddings").text == #"{"embedding":[]}"#)
        let cut = try await server.post(#"{"input":"the cat","dimensions":3}"#, to: "/api/embed")
        #expect(try cut.json["embeddings"]?.array?.first?.array?.count == 3)
    }

    // MARK: Models

    @Test func modelsAreListedWithTheirTags() async throws {
        let server = try TestServer(serving: ["st-mean", "bert-tiny"])
        for path in ["/api/tags", "/api/ps"] {
            let models = try #require(try await server.send(.get, path).json["models"]?.array)
            #expect(models.map { $0["name"]?.string } == ["st-mean:latest", "bert-tiny:latest"])
            #expect(models.allSatisfy { $0["name"] == $0["model"] && $0["digest"]?.string?.utf8.count == 64 })
            #expect(models[0]["digest"] != models[1]["digest"])
            #expect(models[0]["details"]?["family"]?.string == "bert")
            #expect(models[0]["capabilities"] == .array([.string("embedding")]))
            #expect((models[0]["context_length"] != nil) == (path == "/api/ps"))
        }
        let show = try await server.post(#"{"name":"st-mean:latest"}"#, to: "/api/show").json
        #expect(show["capabilities"] == .array([.string("embedding")]))
        #expect(show["model_info"]?["general.architecture"]?.string == "bert")
        #expect(show["model_info"]?["bert.embedding_length"]?.integer == 16)
        let unknown = try await server.post(#"{"model":"llama3"}"#, to: "/api/show")
        #expect(unknown.status == 404)
        #expect(try unknown.keys() == ["error"])
        let generator = try await GenerationSample().server.post(#"{"model":"llama"}"#, to: "/api/show").json
        #expect(generator["capabilities"] == .array([.string("completion")]))
    }

    @Test func theVersionIsForEverybody() async throws {
        let server = try TestServer(checkpoint: "bert-tiny", keys: KeyStore(["secret"]))
        for method in [HTTPRequest.Method.get, .head] {
            #expect(try await server.send(method, "/api/version").status == 200)
            #expect(try await server.send(method, "/api/tags", [.authorization: "Bearer secret"]).status == 200)
        }
        #expect(try await server.send(.get, "/api/version").text == #"{"version":"0.13.0"}"#)
        let tags = try await server.send(.get, "/api/tags")
        #expect(tags.status == 401)
        #expect(try tags.keys() == ["error"])
    }

    @Test(arguments: ["pull", "push", "create", "copy", "blobs/sha256:00"])
    func modelsAreNotChanged(name: String) async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let reply = try await server.post(#"{"model":"llama3"}"#, to: "/api/\(name)")
        #expect(reply.status == 501)
        #expect(try reply.keys() == ["error"])
        #expect(try await server.send(.delete, "/api/delete").status == 501)
    }
}
