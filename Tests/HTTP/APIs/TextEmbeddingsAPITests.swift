import HTTPTypes
import PenstockJSON
import PenstockTestSupport
import Testing

/// The routes of Text Embeddings Inference.
@Suite struct TextEmbeddingsAPITests {
    private static let headers = [
        "x-compute-type", "x-compute-time", "x-compute-characters", "x-compute-tokens", "x-total-time",
        "x-tokenization-time", "x-queue-time", "x-inference-time",
    ]

    private func server() throws -> TestServer {
        try TestServer(serving: ["st-prompts", "bert-sequence", "sparse-max", "ranking-bert"])
    }

    /// The embedding of a text as the pipeline gives it.
    private func embedding(_ server: TestServer, _ text: String, _ parameters: String) async throws -> String {
        try await WireSample(server: server).native("st-prompts", #""\#(text)""#, parameters)
            .written
    }

    // MARK: Embeddings

    /// The second is what LlamaIndex sends.
    @Test(arguments: [#""the cat""#, #"["the cat"], "truncate": true"#, #"["the cat"], "dimensions": null, "x": {}"#])
    func embedIsAListOfVectorsByteForByte(inputs: String) async throws {
        let server = try server()
        let vector = try await embedding(server, "the cat", #"{"normalize": true}"#)
        let reply = try await server.post(#"{"inputs": \#(inputs)}"#, to: "/embed")
        #expect(reply.text == "[\(vector)]")
        for name in Self.headers { #expect(reply.headers[try #require(HTTPField.Name(name))] != nil, "\(name)") }
        #expect(reply.headers[try #require(HTTPField.Name("x-compute-type"))] == "cpu")
        #expect(reply.headers[try #require(HTTPField.Name("x-compute-characters"))] == "7")
    }

    @Test func embedTakesWhatElseThereIs() async throws {
        let server = try server()
        for (fields, parameters) in [
            (#""normalize": false"#, #"{"normalize": false}"#),
            (#""prompt_name": "passage""#, #"{"prompt_name": "passage", "normalize": true}"#),
            (#""dimensions": 3"#, #"{"truncate_dim": 3, "normalize": true}"#),
            (#""truncation_direction": "Left""#, #"{"truncation_direction": "left", "normalize": true}"#),
        ] {
            let long = String(repeating: "the cat ", count: 30) + "on"
            let vector = try await embedding(server, long, parameters)
            let reply = try await server.post(#"{"inputs": "\#(long)", \#(fields)}"#, to: "/embed")
            #expect(reply.text == "[\(vector)]", "\(fields)")
        }
    }

    /// An embedding is the mean of the vectors of the same tokens, also of a text that is cut.
    @Test(arguments: ["the cat", String(repeating: "the cat ", count: 12)])
    func embedAllIsWhatEmbedPools(text: String) async throws {
        let server = try server()
        let all = try await server.post(#"{"inputs": "\#(text)"}"#, to: "/embed_all")
        let tokens = try #require(try all.json.array?.first?.array)
        let pooled = try await server.post(
            #"{"inputs": "\#(text)", "normalize": false, "prompt_name": "none"}"#, to: "/embed")
        let mean = (0..<16).map { index in
            JSONValue.double(tokens.reduce(0) { $0 + ($1.array?[index].double ?? .nan) } / Double(tokens.count))
        }
        let difference = try pooled.json.difference(from: .array([.array(mean)]), relative: 0, absolute: 1e-5)
        #expect(difference == nil && tokens.count <= 12)
    }

    @Test func embedTakesTextsAndTokensSideBySide() async throws {
        let server = try server()
        let tokens = try await server.post(
            #"{"inputs": "the cat", "add_special_tokens": false}"#, to: "/tokenize")
        let ids = try WireSample.list(try tokens.json.array?.first) { $0["id"].written }
        let reply = try await server.post(
            #"{"inputs": ["the cat", \#(ids)], "prompt_name": "none"}"#, to: "/embed")
        let vectors = try #require(try reply.json.array)
        #expect(vectors.count == 2 && vectors[0] == vectors[1])
    }

    @Test func embedAllHasAVectorForEachToken() async throws {
        let server = try server()
        let expected = try await server.post(
            #"{"inputs": ["passage"], "prompt_name": null}"#, to: "/embed_all")
        let prompted = try await server.post(
            #"{"inputs": "passage", "prompt_name": "passage"}"#, to: "/embed_all")
        let whole = try await server.post(
            #"{"inputs": "the passage is : passage"}"#, to: "/embed_all")
        #expect(prompted.bytes == whole.bytes && prompted.bytes != expected.bytes)
        let text = try #require(try expected.json.array?.first?.array)
        let tokens = try await server.post(#"{"inputs": "passage"}"#, to: "/tokenize").json.array?.first?.array
        #expect(text.count == tokens?.count)
        #expect(text.allSatisfy { $0.array?.count == text[0].array?.count })
    }

    @Test func embedSparseByteForByte() async throws {
        let server = try server()
        let native = try await WireSample(server: server).native("sparse-max", #""the cat""#)
        let reply = try await server.post(#"{"inputs": ["the cat"]}"#, to: "/embed_sparse")
        #expect(reply.text == "[\(native.written)]")
        #expect(try reply.json.array?.first?.array?.first?.object?.entries.map(\.key) == ["index", "value"])
    }

    @Test func similarityByteForByte() async throws {
        let server = try server()
        let inputs = #"{"source_sentence": "the cat", "sentences": ["on", "the"]}"#
        let expected = try await WireSample(server: server).native("st-prompts", inputs)
        let reply = try await server.post(
            #"{"inputs": \#(inputs), "parameters": {"truncate": null}}"#, to: "/similarity")
        #expect(reply.text == expected.written)
    }

    // MARK: Classification

    @Test func predictByteForByte() async throws {
        let server = try server()
        func labels(_ input: String, _ function: String = "softmax") async throws -> String {
            let native = try await WireSample(server: server).native(
                "bert-sequence", input, #"{"top_k": null, "function_to_apply": "\#(function)"}"#)
            return try WireSample.list(native) { #"{"score":\#($0["score"].written),"label":\#($0["label"].written)}"# }
        }
        let text = try await labels(#""the cat""#)
        let pair = try await labels(#"{"text": "the", "text_pair": "cat"}"#)
        for (inputs, expected) in [
            (#""the cat""#, text), (#"["the", "cat"]"#, pair), (#"[["the cat"], ["the", "cat"]]"#, "[\(text),\(pair)]"),
            (#"[["the cat"]]"#, "[\(text)]"),
        ] {
            let reply = try await server.post(#"{"inputs": \#(inputs), "model": "bert-sequence"}"#, to: "/predict")
            #expect(reply.text == expected)
        }
        let raw = try await server.post(#"{"inputs": "the cat", "raw_scores": true}"#, to: "/predict")
        #expect(raw.text == (try await labels(#""the cat""#, "none")))
    }

    // MARK: Tokens

    @Test func tokensByteForByte() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let reply = try await server.post(#"{"inputs": "é 😀"}"#, to: "/tokenize")
        func token(_ id: Int, _ text: String, _ range: Range<Int>?) -> String {
            let (start, stop) = (range.map { "\($0.lowerBound)" } ?? "null", range.map { "\($0.upperBound)" } ?? "null")
            return #"{"id":\#(id),"text":"\#(text)","special":\#(range == nil),"start":\#(start),"stop":\#(stop)}"#
        }
        let ids = try #require(try reply.json.array?.first?.array).compactMap { $0["id"]?.integer }
        try #require(ids.count == 4)
        #expect(
            reply.text == "[["
                + [
                    token(ids[0], "[CLS]", nil), token(ids[1], "é", 0..<1), token(ids[2], "😀", 2..<3),
                    token(ids[3], "[SEP]", nil),
                ].joined(separator: ",") + "]]")
        let plain = try await server.post(
            #"{"inputs": ["the", "cat"], "add_special_tokens": false}"#, to: "/tokenize")
        #expect(try plain.json.array?.count == 2)
        #expect(!plain.text.contains("[CLS]"))
    }

    @Test func aPromptIsTokenizedBeforeTheText() async throws {
        let server = try server()
        let prompted = try await server.post(#"{"inputs": "a", "prompt_name": "passage"}"#, to: "/tokenize")
        let whole = try await server.post(#"{"inputs": "the passage is : a"}"#, to: "/tokenize")
        #expect(prompted.status == 200 && prompted.bytes == whole.bytes)
        let unknown = try await server.post(#"{"inputs": "a", "prompt_name": "nobody"}"#, to: "/tokenize")
        #expect(unknown.status == 422)
    }

    @Test func tokensAreDecoded() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let ids = try await server.post(#"{"inputs": "a cat"}"#, to: "/tokenize").json.array?.first
        let list = try WireSample.list(ids) { $0["id"].written }
        for (body, expected) in [
            (#"{"ids": \#(list)}"#, #"["a cat"]"#), (#"{"ids": [\#(list), \#(list)]}"#, #"["a cat","a cat"]"#),
            (#"{"ids": \#(list), "skip_special_tokens": false}"#, #"["[CLS] a cat [SEP]"]"#),
        ] {
            #expect(try await server.post(body, to: "/decode").text == expected)
        }
    }

    // MARK: Vertex AI

    @Test func instancesAreRequestsOfTheirOwn() async throws {
        let server = try server()
        let bodies =
            (0..<40).map { #"{"inputs": ["the cat \#($0)", "on"]}"# } + [#"{"query": "a", "texts": ["b"]}"#]
        var answers: [String] = []
        for (index, body) in bodies.enumerated() {
            answers.append(try await server.post(body, to: index < 40 ? "/embed" : "/rerank").text)
        }
        let reply = try await server.post(#"{"instances": [\#(bodies.joined(separator: ","))]}"#, to: "/vertex")
        #expect(reply.text == #"{"predictions":[\#(answers.joined(separator: ","))]}"#)
        for (body, message) in [
            (#"{}"#, "instances is missing"), (#"{"instances": ["a"]}"#, "instances has to be a list of objects"),
            (#"{"instances": [{"inputs": 3}]}"#, "instances[0].inputs has to be"),
        ] {
            let reply = try await server.post(body, to: "/vertex")
            #expect(reply.status == 422)
            #expect(try reply.json["error"]?.string?.hasPrefix(message) == true)
        }
        #expect(try await server.post(#"{"instances": []}"#, to: "/vertex").status == 400)
    }

    // MARK: Info

    @Test(
        arguments: [
            ("st-mean", #"{"embedding":{"pooling":"mean"}}"#),
            ("st-lasttoken", #"{"embedding":{"pooling":"last_token"}}"#),
            ("st-concatenated", nil), ("model2vec-plain", #"{"embedding":{"pooling":"mean"}}"#),
            ("sparse-max", #"{"embedding":{"pooling":"splade"}}"#),
            ("ranking-bert", #"{"reranker":{"id2label":{"0":"LABEL_0"},"label2id":{"LABEL_0":0}}}"#),
            (
                "bert-sequence",
                #"{"classifier":{"id2label":{"0":"contradiction","1":"entailment","2":"neutral"},"#
                    + #""label2id":{"contradiction":0,"entailment":1,"neutral":2}}}"#
            ), ("bert-tiny", "{}"),
        ] as [(String, String?)])
    func infoSaysWhatTheModelIs(checkpoint: String, type: String?) async throws {
        let server = try TestServer(serving: [checkpoint])
        for path in ["/info", "/models/\(checkpoint)/info"] {
            let info = try await server.send(.get, path).json
            if let type { #expect(info["model_type"].written == type) }
            for name in [
                "model_id", "model_sha", "model_dtype", "served_model_name", "max_concurrent_requests",
                "max_input_length", "max_batch_tokens", "max_batch_requests", "max_client_batch_size", "auto_truncate",
                "tokenization_workers", "version", "sha", "docker_label",
            ] { #expect(info[name] != nil, "\(name)") }
            #expect(info["max_input_length"]?.integer ?? 0 > 0)
            #expect(info["max_client_batch_size"]?.integer == 2048)
        }
    }

    // MARK: Errors

    @Test(
        arguments: [
            ("/embed", #"{}"#, 422, "Validation"), ("/embed", #"{"inputs": []}"#, 400, "Empty"),
            ("/embed", "", 400, "Empty"), ("/embed", "{", 400, "Validation"),
            ("/embed", #"{"inputs": 3}"#, 422, "Validation"),
            ("/embed", #"{"inputs": "a", "truncation_direction": "up"}"#, 422, "Validation"),
            ("/embed", #"{"inputs": "a", "prompt_name": "nobody"}"#, 422, "Validation"),
            ("/embed", #"{"inputs": "a", "dimensions": 1000}"#, 422, "Validation"),
            ("/embed", #"{"inputs": "a", "normalize": "yes"}"#, 422, "Validation"),
            ("/embed", #"{"inputs": "a", "model": "nobody"}"#, 404, "Validation"),
            ("/embed", #"{"inputs": "a", "model": "bert-sequence"}"#, 424, "Backend"),
            ("/embed_all", #"{"inputs": [[3]]}"#, 422, "Validation"),
            ("/similarity", #"{"inputs": {"source_sentence": "a"}}"#, 422, "Validation"),
            ("/similarity", #"{"inputs": {"source_sentence": "a", "sentences": []}}"#, 400, "Empty"),
            ("/predict", #"{"inputs": [3]}"#, 422, "Validation"), ("/predict", #"{"inputs": [[]]}"#, 422, "Validation"),
            ("/predict", #"{"inputs": "a", "model": "st-prompts"}"#, 424, "Backend"),
            ("/tokenize", #"{"inputs": [3]}"#, 422, "Validation"), ("/decode", #"{"ids": [2.5]}"#, 422, "Validation"),
            ("/decode", #"{"ids": []}"#, 400, "Empty"),
        ] as [(String, String, Int, String)])
    func errorsHaveAType(path: String, body: String, status: Int, type: String) async throws {
        let reply = try await server().post(body, to: path)
        #expect(reply.status == status)
        #expect(try reply.keys() == ["error", "error_type"])
        #expect(try reply.json["error_type"]?.string == type)
    }

    @Test func aModelOnItsWayIsUnhealthy() async throws {
        let reply = try await TestServer { _ in nil }.post(#"{"inputs": "a"}"#, to: "/embed")
        #expect(reply.status == 503)
        #expect(try reply.json["error_type"]?.string == "Unhealthy")
        let health = try await TestServer { _ in nil }.send(.get, "/v1/health")
        #expect(health.status == 503)
    }
}
