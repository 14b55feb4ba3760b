import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockTestSupport
import Testing

/// `POST /v2/models/NAME/infer` as the clients of KServe and Triton know it.
@Suite struct InferAPITests {
    private static let texts = #"["the cat", "on"]"#

    @Test(arguments: ["text", "TEXT_INPUT"], ["[2]", "[2,1]"])
    func labelsByteForByte(name: String, shape: String) async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let native = try await WireSample(server: server).native("bert-sequence", Self.texts)
        let data = name == "text" ? #"["the cat","on"]"# : #"[["the cat"],["on"]]"#
        let reply = try await server.infer(
            "bert-sequence",
            [#"{"name":"\#(name)","shape":\#(shape),"datatype":"BYTES","parameters":null,"data":\#(data)}"#],
            #","id":"7","parameters":{"sequence_id":0,"priority":0},"outputs":null,"other":1"#)
        #expect(reply.status == 200)
        #expect(reply.headers[.contentType] == "application/json")
        #expect(reply.headers[.inferenceHeader] == nil)
        let (labels, scores) = (
            try WireSample.list(native) { $0["label"].written }, try WireSample.list(native) { $0["score"].written }
        )
        #expect(
            reply.text == #"{"model_name":"bert-sequence","model_version":"1","id":"7","outputs":["#
                + #"{"name":"label","datatype":"BYTES","shape":[2,1],"data":\#(labels)},"#
                + #"{"name":"score","datatype":"FP32","shape":[2,1],"data":\#(scores)}]}"#)
    }

    /// A request as `tritonclient` sends it by default.
    @Test(arguments: ["/v2/models/st-mean/infer", "/v2/models/st-mean/versions/1/infer"])
    func embeddingsAsBytes(path: String) async throws {
        let server = try TestServer(serving: ["st-mean"])
        let native = try await WireSample(server: server).native("st-mean", Self.texts)
        let numbers = try #require(native?.array).flatMap { $0.array ?? [] }.compactMap(\.double).map(Float.init)
        let tail = TensorRequest.bytes(of: ["the cat", "on"])
        let json =
            #"{"id":"rid","inputs":[{"name":"text","shape":[2,1],"datatype":"BYTES","parameters":{"binary_data_size":\#(tail.count)}}],"parameters":{"binary_data_output":true}}"#
        let reply = try await TensorRequest(json: json, tail: tail).send(to: path, server)
        #expect(reply.status == 200)
        #expect(reply.headers[.contentType] == "application/octet-stream")
        let width = numbers.count / 2
        let (head, bytes) = try reply.tensors()
        #expect(
            head == #"{"model_name":"st-mean","model_version":"1","id":"rid","outputs":[{"name":"embedding","#
                + #""datatype":"FP32","shape":[2,\#(width)],"parameters":{"binary_data_size":\#(numbers.count * 4)}}]}"#
        )
        #expect(bytes == numbers.flatMap { TensorRequest.littleEndian($0.bitPattern) })
    }

    @Test(arguments: [("float16", "FP16", 2), ("binary", "INT8", 1), ("ubinary", "UINT8", 1)])
    func embeddingsOfOtherPrecisions(precision: String, type: String, size: Int) async throws {
        let server = try TestServer(serving: ["st-mean"])
        let native = try await WireSample(server: server).native(
            "st-mean", Self.texts, #"{"precision": "\#(precision)"}"#)
        let count = try #require(native?.array).reduce(0) { $0 + ($1.array?.count ?? 0) }
        let more = #","parameters":{"precision":"\#(precision)"}"#
        let reply = try await server.infer("st-mean", [TensorRequest.input("text", ["the cat", "on"])], more)
        let output = try reply.json["outputs"]?.array?.first
        #expect(output?["datatype"]?.string == type)
        let flat = try #require(native?.array).flatMap { $0.array ?? [] }
        #expect(output?["data"].written == (.array(flat) as JSONValue?).written)
        let binary = try await server.infer(
            "st-mean", [TensorRequest.input("text", ["the cat", "on"])],
            #","parameters":{"precision":"\#(precision)","binary_data_output":true}"#)
        #expect(try binary.tensors().tail.count == count * size)
    }

    /// One output as bytes, another as JSON, and what is not wanted is left out.
    @Test func outputsAreThoseThatAreWanted() async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let native = try await WireSample(server: server).native("bert-sequence", Self.texts)
        let label = try #require(native?.array?.first?["label"]?.string)
        let reply = try await server.infer(
            "bert-sequence", [TensorRequest.input("text", ["the cat"])],
            #","outputs":[{"name":"label","parameters":{"binary_data":true}}]"#)
        let bytes = TensorRequest.bytes(of: [label])
        let (head, tail) = try reply.tensors()
        #expect(
            head == #"{"model_name":"bert-sequence","model_version":"1","outputs":[{"name":"label","datatype":"BYTES","#
                + #""shape":[1,1],"parameters":{"binary_data_size":\#(bytes.count)}}]}"#)
        #expect(tail == bytes)
        let mixed = try await server.infer(
            "bert-sequence", [TensorRequest.input("text", ["the cat"])],
            #","outputs":[{"name":"score"},{"name":"label","parameters":{"binary_data":true}}]"#)
        let outputs = try JSONValue(parsing: mixed.tensors().json.utf8)["outputs"]?.array
        #expect(outputs?[0]["parameters"]?["binary_data_size"]?.integer == bytes.count)
        #expect(outputs?[1]["data"]?.array?.count == 1)
        let unknown = try await server.infer(
            "bert-sequence", [TensorRequest.input("text", ["a"])], #","outputs":[{"name":"logits"}]"#)
        #expect(unknown.status == 400)
        #expect(unknown.text == #"{"error":"there is no output \"logits\"; there are: label, score"}"#)
    }

    /// Results that a task has no tensors for come as JSON, a text for each input.
    @Test(arguments: [
        ("span-bert", ["question", "context"], #"{"question": "cat", "context": "the cat"}"#),
        ("bert-tokens", ["text"], #""cat""#), ("bert-tiny", ["text"], #""a [MASK]""#),
    ])
    func otherAnswersAreJSON(model: String, names: [String], input: String) async throws {
        let server = try TestServer(serving: [model])
        let native = try await WireSample(server: server).native(model, input)
        let texts = names == ["text"] ? [try JSONValue(parsing: input.utf8).string ?? ""] : ["cat", "the cat"]
        let reply = try await server.infer(model, zip(names, texts).map { TensorRequest.input($0, [$1]) })
        #expect(reply.status == 200, "\(reply.text)")
        let output = try reply.json["outputs"]?.array?.first
        #expect(output?["name"]?.string == "output" && output?["datatype"]?.string == "BYTES")
        #expect(output?["data"]?.array == [.string(native.written)])
    }

    @Test func pairsOfTexts() async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let native = try await WireSample(server: server).native(
            "bert-sequence", #"[{"text": "the cat", "text_pair": "on"}]"#)
        let pair = [TensorRequest.input("text_pair", ["on"]), TensorRequest.input("text", ["the cat"])]
        let reply = try await server.infer("bert-sequence", pair)
        #expect(
            try reply.json["outputs"]?.array?[1]["data"].written == WireSample.list(native) { $0["score"].written })
    }

    @Test func ranksOfTexts() async throws {
        let server = try TestServer(serving: ["ranking-bert"])
        let native = try await WireSample(server: server).native(
            "ranking-bert", #"{"query": "the cat", "texts": ["on", "a cat"]}"#,
            #"{"top_k": 1, "return_documents": true}"#)
        let reply = try await server.infer(
            "ranking-bert",
            [TensorRequest.input("query", ["the cat"]), TensorRequest.input("texts", ["on", "a cat"])],
            #","parameters":{"top_k":1,"return_documents":true}"#)
        let outputs = try #require(try reply.json["outputs"]?.array)
        #expect(outputs.map { $0["name"]?.string } == ["index", "score", "text"])
        for (output, name) in zip(outputs, ["index", "score", "text"]) {
            #expect(try output["data"].written == WireSample.list(native) { $0[name].written })
            #expect(output["shape"] == .array([.integer(1)]))
        }
    }

    @Test func similaritiesOfSentences() async throws {
        let server = try TestServer(serving: ["st-mean"])
        let native = try await WireSample(server: server).native(
            "st-mean", #"{"source_sentence": "the cat", "sentences": ["on", "a cat"]}"#)
        let reply = try await server.infer(
            "st-mean",
            [
                TensorRequest.input("source_sentence", ["the cat"]),
                TensorRequest.input("sentences", ["on", "a cat"]),
            ])
        let output = try reply.json["outputs"]?.array?.first
        #expect(output?["name"]?.string == "similarity" && output?["data"].written == native.written)
    }

    /// Labels as a parameter, and as a tensor beside that of the text.
    @Test func labelsThatARequestBrings() async throws {
        let server = try TestServer(serving: ["zero-shot-bert"])
        let native = try await WireSample(server: server).native(
            "zero-shot-bert", #""the cat""#, #"{"candidate_labels": ["cat", "on"], "multi_label": true}"#)
        let text = TensorRequest.input("text", ["the cat"])
        let multi = #"{"name":"multi_label","shape":[1],"datatype":"BOOL","data":[true]}"#
        for (inputs, more) in [
            ([text], #","parameters":{"candidate_labels":["cat","on"],"multi_label":true}"#),
            ([TensorRequest.input("candidate_labels", ["cat", "on"]), text, multi], ""),
        ] {
            let outputs = try await server.infer("zero-shot-bert", inputs, more).json["outputs"]?.array
            #expect(outputs?[0]["data"].written == native?["labels"].written)
            #expect(outputs?[1]["data"].written == native?["scores"].written)
            #expect(outputs?[1]["shape"] == .array([.integer(1), .integer(2)]))
        }
    }

    @Test func featuresAreRowsOfTokens() async throws {
        let server = try TestServer(checkpoint: "bert-encoder", task: "feature-extraction")
        let native = try await server.post(#"{"inputs": ["the cat", "on"]}"#, as: "application/json").json
        let reply = try await server.post(
            #"{"inputs":[\#(TensorRequest.input("text", ["the cat", "on"]))]}"#, to: "/v2/models/bert-encoder/infer")
        let rows = try #require(native.array).map { $0.array?.first?.array ?? [] }
        let outputs = try reply.json["outputs"]?.array
        #expect(outputs?[0]["data"]?.array == rows.joined().flatMap { $0.array ?? [] })
        #expect(outputs?[1]["data"]?.array == rows.map { .integer($0.count) })
    }
}
