import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockTestSupport
import Testing

/// `POST /v2/models/NAME/infer` as the clients of KServe and Triton know it.
@Suite struct InferAPITests {
    private static let texts = #"["the cat", "on"]"#

    /// The fields of a tensor of texts by name.
    private static func input(_ name: String, _ texts: [String]) -> String {
        let data = texts.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"name":"\#(name)","shape":[\#(texts.count)],"datatype":"BYTES","data":[\#(data)]}"#
    }

    private func infer(_ server: TestServer, _ model: String, _ inputs: [String], _ more: String = "") async throws
        -> TestServer.Reply
    {
        try await server.post(
            #"{"inputs":[\#(inputs.joined(separator: ","))]\#(more)}"#, to: "/v2/models/\(model)/infer")
    }

    // MARK: Answers

    @Test(arguments: ["text", "TEXT_INPUT"], ["[2]", "[2,1]"])
    func labelsByteForByte(name: String, shape: String) async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let native = try await WireSample(server: server).native("bert-sequence", Self.texts)
        let data = name == "text" ? #"["the cat","on"]"# : #"[["the cat"],["on"]]"#
        let reply = try await infer(
            server, "bert-sequence",
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
        let reply = try await infer(server, "st-mean", [Self.input("text", ["the cat", "on"])], more)
        let output = try reply.json["outputs"]?.array?.first
        #expect(output?["datatype"]?.string == type)
        let flat = try #require(native?.array).flatMap { $0.array ?? [] }
        #expect(output?["data"].written == (.array(flat) as JSONValue?).written)
        let binary = try await infer(
            server, "st-mean", [Self.input("text", ["the cat", "on"])],
            #","parameters":{"precision":"\#(precision)","binary_data_output":true}"#)
        #expect(try binary.tensors().tail.count == count * size)
    }

    /// One output as bytes, another as JSON, and what is not wanted is left out.
    @Test func outputsAreThoseThatAreWanted() async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let native = try await WireSample(server: server).native("bert-sequence", Self.texts)
        let label = try #require(native?.array?.first?["label"]?.string)
        let reply = try await infer(
            server, "bert-sequence", [Self.input("text", ["the cat"])],
            #","outputs":[{"name":"label","parameters":{"binary_data":true}}]"#)
        let bytes = TensorRequest.bytes(of: [label])
        let (head, tail) = try reply.tensors()
        #expect(
            head == #"{"model_name":"bert-sequence","model_version":"1","outputs":[{"name":"label","datatype":"BYTES","#
                + #""shape":[1,1],"parameters":{"binary_data_size":\#(bytes.count)}}]}"#)
        #expect(tail == bytes)
        let mixed = try await infer(
            server, "bert-sequence", [Self.input("text", ["the cat"])],
            #","outputs":[{"name":"score"},{"name":"label","parameters":{"binary_data":true}}]"#)
        let outputs = try JSONValue(parsing: mixed.tensors().json.utf8)["outputs"]?.array
        #expect(outputs?[0]["parameters"]?["binary_data_size"]?.integer == bytes.count)
        #expect(outputs?[1]["data"]?.array?.count == 1)
        let unknown = try await infer(
            server, "bert-sequence", [Self.input("text", ["a"])], #","outputs":[{"name":"logits"}]"#)
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
        let reply = try await infer(server, model, zip(names, texts).map { Self.input($0, [$1]) })
        #expect(reply.status == 200, "\(reply.text)")
        let output = try reply.json["outputs"]?.array?.first
        #expect(output?["name"]?.string == "output" && output?["datatype"]?.string == "BYTES")
        #expect(output?["data"]?.array == [.string(native.written)])
    }

    @Test func pairsOfTexts() async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let native = try await WireSample(server: server).native(
            "bert-sequence", #"[{"text": "the cat", "text_pair": "on"}]"#)
        let pair = [Self.input("text_pair", ["on"]), Self.input("text", ["the cat"])]
        let reply = try await infer(server, "bert-sequence", pair)
        #expect(
            try reply.json["outputs"]?.array?[1]["data"].written == WireSample.list(native) { $0["score"].written })
    }

    @Test func ranksOfTexts() async throws {
        let server = try TestServer(serving: ["ranking-bert"])
        let native = try await WireSample(server: server).native(
            "ranking-bert", #"{"query": "the cat", "texts": ["on", "a cat"]}"#,
            #"{"top_k": 1, "return_documents": true}"#)
        let reply = try await infer(
            server, "ranking-bert", [Self.input("query", ["the cat"]), Self.input("texts", ["on", "a cat"])],
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
        let reply = try await infer(
            server, "st-mean", [Self.input("source_sentence", ["the cat"]), Self.input("sentences", ["on", "a cat"])])
        let output = try reply.json["outputs"]?.array?.first
        #expect(output?["name"]?.string == "similarity" && output?["data"].written == native.written)
    }

    /// Labels as a parameter, and as a tensor beside that of the text.
    @Test func labelsThatARequestBrings() async throws {
        let server = try TestServer(serving: ["zero-shot-bert"])
        let native = try await WireSample(server: server).native(
            "zero-shot-bert", #""the cat""#, #"{"candidate_labels": ["cat", "on"], "multi_label": true}"#)
        let text = Self.input("text", ["the cat"])
        let multi = #"{"name":"multi_label","shape":[1],"datatype":"BOOL","data":[true]}"#
        for (inputs, more) in [
            ([text], #","parameters":{"candidate_labels":["cat","on"],"multi_label":true}"#),
            ([Self.input("candidate_labels", ["cat", "on"]), text, multi], ""),
        ] {
            let outputs = try await infer(server, "zero-shot-bert", inputs, more).json["outputs"]?.array
            #expect(outputs?[0]["data"].written == native?["labels"].written)
            #expect(outputs?[1]["data"].written == native?["scores"].written)
            #expect(outputs?[1]["shape"] == .array([.integer(1), .integer(2)]))
        }
    }

    @Test func featuresAreRowsOfTokens() async throws {
        let server = try TestServer(checkpoint: "bert-encoder", task: "feature-extraction")
        let native = try await server.post(#"{"inputs": ["the cat", "on"]}"#, as: "application/json").json
        let reply = try await server.post(
            #"{"inputs":[\#(Self.input("text", ["the cat", "on"]))]}"#, to: "/v2/models/bert-encoder/infer")
        let rows = try #require(native.array).map { $0.array?.first?.array ?? [] }
        let outputs = try reply.json["outputs"]?.array
        #expect(outputs?[0]["data"]?.array == rows.joined().flatMap { $0.array ?? [] })
        #expect(outputs?[1]["data"]?.array == rows.map { .integer($0.count) })
    }

    // MARK: Types

    /// The number 3 in each type, as JSON and as bytes.
    @Test(
        arguments: [
            ("UINT8", [3]), ("INT8", [3]), ("UINT16", [3, 0]), ("INT16", [3, 0]), ("UINT32", [3, 0, 0, 0]),
            ("INT32", [3, 0, 0, 0]), ("UINT64", [3, 0, 0, 0, 0, 0, 0, 0]), ("INT64", [3, 0, 0, 0, 0, 0, 0, 0]),
            ("FP16", [0, 0x42]), ("BF16", [0x40, 0x40]), ("FP32", [0, 0, 0x40, 0x40]),
            ("FP64", [0, 0, 0, 0, 0, 0, 8, 0x40]),
        ] as [(String, [UInt8])])
    func optionsOfAnyType(type: String, bytes: [UInt8]) async throws {
        let server = try TestServer(serving: ["bert-tiny"])
        let native = try await WireSample(server: server).native("bert-tiny", #""a [MASK]""#, #"{"top_k": 3}"#)
        let text = Self.input("text", ["a [MASK]"])
        let option =
            #"{"name":"top_k","shape":[1],"datatype":"\#(type)","parameters":{"binary_data_size":\#(bytes.count)}}"#
        let binary = try await TensorRequest(json: #"{"inputs":[\#(text),\#(option)]}"#, tail: bytes).send(
            to: "/v2/models/bert-tiny/infer", server)
        #expect(try binary.json["outputs"]?.array?.first?["data"]?.array == [.string(native.written)])
        let numbers = try await infer(
            server, "bert-tiny", [text, #"{"name":"top_k","shape":[1],"datatype":"\#(type)","data":[3]}"#])
        if type == "BF16" {
            #expect(numbers.status == 400)
            #expect(numbers.text == #"{"error":"inputs[1] is BF16, which has no form in JSON; send its bytes"}"#)
        } else {
            #expect(try numbers.json["outputs"] == binary.json["outputs"])
        }
    }

    /// Numbers that are none, and bytes that are too few or too many.
    @Test(
        arguments: [
            ("UINT8", "[256]", [3, 0]), ("INT8", "[-129]", []), ("UINT64", "[-1]", [3]), ("INT32", "[1.5]", [3, 0]),
            ("BOOL", "[1]", [2]), ("FP16", #"["3"]"#, [0, 0x7C]), ("FP32", "[true]", [0, 0, 0xC0, 0x7F]),
            ("FP64", "[3, 4]", [0, 0]), ("BF16", "[3]", [0x80, 0x7F]), ("BYTES", "[3]", [9, 0, 0, 0, 0x61]),
            ("BYTES", #"["a", "b"]"#, [1, 0, 0, 0, 0x61, 0x61]), ("BYTES", "[null]", [1, 0, 0, 0, 0xFF]),
            ("BYTES", "[[]]", [1, 0]), ("BYTES", "3", [0xFF, 0xFF, 0xFF, 0xFF]), ("TYPE_STRING", "[1]", [1]),
        ] as [(String, String, [UInt8])])
    func elementsThatAreNone(type: String, data: String, bytes: [UInt8]) async throws {
        let server = try TestServer(serving: ["bert-tiny"])
        let text = Self.input("text", ["a [MASK]"])
        let json = try await infer(
            server, "bert-tiny", [text, #"{"name":"top_k","shape":[1],"datatype":"\#(type)","data":\#(data)}"#])
        let option =
            #"{"name":"top_k","shape":[1],"datatype":"\#(type)","parameters":{"binary_data_size":\#(bytes.count)}}"#
        let binary = try await TensorRequest(json: #"{"inputs":[\#(text),\#(option)]}"#, tail: bytes).send(
            to: "/v2/models/bert-tiny/infer", server)
        for reply in [json, binary] {
            #expect(reply.status == 400)
            #expect(try reply.json["error"]?.string?.contains("inputs[1]") == true, "\(reply.text)")
        }
    }

    // MARK: Bodies

    @Test func aBodyInGzip() async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        // Made by Python's `gzip` of a request for "the cat" and "on" as bytes, whose JSON has 137 bytes.
        let body =
            bytes(
                ofBase64:
                    "H4sIAAAAAAACA6tWyswrKC0pVrKKrlbKS8xNVbJSKkmtKFHSUSrOSCwAcqONYnWUUhJLEksqQVwlp8gQ12CgdEFiEVB5SWoRUG+1"
                    + "UlJmXmJRZTxIXXxxZhVQoaF5bW0sPmX5pSVAm5WsSopKU2tr2RkYGEoyUhWSE0uYgMz8PAAAKcN6mgAAAA==") ?? []
        let reply = try await server.send(
            .post, "/v2/models/bert-sequence/infer", [.contentEncoding: "gzip", .inferenceHeader: "137"], body: body)
        #expect(reply.status == 200, "\(reply.text)")
        let plain = try await infer(
            server, "bert-sequence", [Self.input("text", ["the cat", "on"])],
            #","parameters":{"binary_data_output":true}"#)
        #expect(reply.bytes == plain.bytes)
    }

    /// A body that is nothing but the text.
    @Test func aTextWithoutJSON() async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let reply = try await TensorRequest(json: "", tail: Array("the cat".utf8)).send(
            to: "/v2/models/bert-sequence/infer", server, [.inferenceHeader: "0"])
        let json = try await infer(server, "bert-sequence", [Self.input("text", ["the cat"])])
        #expect(reply.bytes == json.bytes)
        let none = try await TensorRequest(json: "", tail: [0xFF]).send(
            to: "/v2/models/bert-sequence/infer", server, [.inferenceHeader: "0"])
        #expect(none.status == 400)
    }

    @Test(arguments: [
        (#"{"inputs":[]}"#, "inputs"), (#"{}"#, "inputs"), (#"{"inputs":[3]}"#, "inputs"), ("[]", "object"),
        ("{", "JSON"), ("", "empty"),
        (#"{"inputs":[{"shape":[1],"datatype":"BYTES","data":["a"]}]}"#, "inputs[0].name"),
        (#"{"inputs":[{"name":"text","datatype":"BYTES","data":["a"]}]}"#, "inputs[0].shape"),
        (#"{"inputs":[{"name":"text","shape":[-1],"datatype":"BYTES","data":["a"]}]}"#, "inputs[0].shape"),
        (#"{"inputs":[{"name":"text","shape":[1],"data":["a"]}]}"#, "inputs[0].datatype"),
        (#"{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES"}]}"#, "inputs[0].data"),
        (#"{"inputs":[{"name":"text","shape":[2],"datatype":"BYTES","data":["a"]}]}"#, "its shape is for 2"),
        (
            #"{"inputs":[{"name":"text","shape":[9223372036854775807,2],"datatype":"BYTES","data":["a"]}]}"#,
            "its shape is for"
        ),
        (#"{"inputs":[{"name":"text","shape":[1,2],"datatype":"BYTES","data":["a","b"]}]}"#, "[N] or [N, 1]"),
        (#"{"inputs":[{"name":"text","shape":[0],"datatype":"BYTES","data":[]}]}"#, "no elements"),
        (#"{"inputs":[{"name":"text","shape":[1],"datatype":"FP32","data":[1]}]}"#, "has to be BYTES"),
        (
            #"{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","parameters":{"shared_memory_region":"r"}}]}"#,
            "shared_memory_region"
        ),
        (
            #"{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":5}}]}"#,
            "Inference-Header-Content-Length"
        ),
        (
            #"{"inputs":[{"name":"a","shape":[1],"datatype":"BYTES","data":["a"]},{"name":"b","shape":[1],"datatype":"BYTES","data":["b"]}]}"#,
            "text and text_pair"
        ),
        (
            #"{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":["a"]},{"name":"text","shape":[1],"datatype":"BYTES","data":["b"]}]}"#,
            "two inputs"
        ),
        (
            #"{"inputs":[{"name":"text","shape":[2],"datatype":"BYTES","data":["a","b"]},{"name":"text_pair","shape":[1],"datatype":"BYTES","data":["b"]}]}"#,
            "text_pair"
        ),
        (
            #"{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":["a"]}],"parameters":{"top":1}}"#,
            "unknown parameter"
        ),
        (
            #"{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":["a"]}],"outputs":[{"name":"label","parameters":{"classification":2}}]}"#,
            "classification"
        ),
        (
            #"{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":["a"]}],"outputs":[{"name":"label","parameters":{"shared_memory_region":"r"}}]}"#,
            "shared_memory_region"
        ),
        (
            #"{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":["a"]}],"parameters":{"timeout":-1}}"#,
            "timeout"
        ),
    ])
    func errorsAreTexts(body: String, part: String) async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let reply = try await server.send(.post, "/v2/models/bert-sequence/infer", body: Array(body.utf8))
        #expect(reply.status == 400)
        #expect(try reply.keys() == ["error"])
        #expect(try reply.json["error"]?.string?.contains(part) == true, "\(reply.text)")
    }

    @Test(arguments: ["x", "-1", "5000", "99999999999999999999", "1"])
    func headersThatSayWrongThings(header: String) async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let json = #"{"inputs":[\#(Self.input("text", ["a"]))]}"#
        let reply = try await TensorRequest(json: json, tail: [1]).send(
            to: "/v2/models/bert-sequence/infer", server, [.inferenceHeader: header])
        #expect(reply.status == 400)
        #expect(try reply.keys() == ["error"])
        let trailing = try await TensorRequest(json: json, tail: [1]).send(to: "/v2/models/bert-sequence/infer", server)
        #expect(trailing.status == 400)
        #expect(trailing.text == #"{"error":"the body has 1 bytes that belong to no input"}"#)
    }

    /// Names are compared in time linear in their number: each with each would take much longer than the limit.
    @Test(.timeLimit(.minutes(2))) func manyInputsAreRefusedInTime() async throws {
        let server = try TestServer(serving: ["bert-sequence"], maxBodyBytes: 1 << 25)
        var inputs = (0..<300_000).map { #"{"name":"a\#($0)","shape":[0],"datatype":"BYTES","data":[]}"# }
        inputs.append(inputs[0])
        let reply = try await infer(server, "bert-sequence", inputs)
        #expect(reply.status == 400)
        #expect(reply.text == #"{"error":"there are two inputs \"a0\""}"#)
    }

    /// A time in microseconds in which nothing can be done.
    @Test func aTimeoutIsKept() async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let reply = try await infer(
            server, "bert-sequence", [Self.input("text", ["a"])], #","parameters":{"timeout":1}"#)
        #expect(reply.status >= 400)
        #expect(try reply.keys() == ["error"])
        let enough = try await infer(
            server, "bert-sequence", [Self.input("text", ["a"])], #","parameters":{"timeout":60000000}"#)
        #expect(enough.status == 200)
    }
}
