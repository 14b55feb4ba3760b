import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockTestSupport
import Testing

/// The tensors and bodies that `POST /v2/models/NAME/infer` takes, and what it says of others.
@Suite struct InferInputTests {
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
        let text = TensorRequest.input("text", ["a [MASK]"])
        let option =
            #"{"name":"top_k","shape":[1],"datatype":"\#(type)","parameters":{"binary_data_size":\#(bytes.count)}}"#
        let binary = try await TensorRequest(json: #"{"inputs":[\#(text),\#(option)]}"#, tail: bytes).send(
            to: "/v2/models/bert-tiny/infer", server)
        #expect(try binary.json["outputs"]?.array?.first?["data"]?.array == [.string(native.written)])
        let numbers = try await server.infer(
            "bert-tiny", [text, #"{"name":"top_k","shape":[1],"datatype":"\#(type)","data":[3]}"#])
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
        let text = TensorRequest.input("text", ["a [MASK]"])
        let json = try await server.infer(
            "bert-tiny", [text, #"{"name":"top_k","shape":[1],"datatype":"\#(type)","data":\#(data)}"#])
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
        let plain = try await server.infer(
            "bert-sequence", [TensorRequest.input("text", ["the cat", "on"])],
            #","parameters":{"binary_data_output":true}"#)
        #expect(reply.bytes == plain.bytes)
    }

    /// A body that is nothing but the text.
    @Test func aTextWithoutJSON() async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let reply = try await TensorRequest(json: "", tail: Array("the cat".utf8)).send(
            to: "/v2/models/bert-sequence/infer", server, [.inferenceHeader: "0"])
        let json = try await server.infer("bert-sequence", [TensorRequest.input("text", ["the cat"])])
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
        let json = #"{"inputs":[\#(TensorRequest.input("text", ["a"]))]}"#
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
        let reply = try await server.infer("bert-sequence", inputs)
        #expect(reply.status == 400)
        #expect(reply.text == #"{"error":"there are two inputs \"a0\""}"#)
    }

    /// A time in microseconds in which nothing can be done.
    @Test func aTimeoutIsKept() async throws {
        let server = try TestServer(serving: ["bert-sequence"])
        let reply = try await server.infer(
            "bert-sequence", [TensorRequest.input("text", ["a"])], #","parameters":{"timeout":1}"#)
        #expect(reply.status >= 400)
        #expect(try reply.keys() == ["error"])
        let enough = try await server.infer(
            "bert-sequence", [TensorRequest.input("text", ["a"])], #","parameters":{"timeout":60000000}"#)
        #expect(enough.status == 200)
    }
}
