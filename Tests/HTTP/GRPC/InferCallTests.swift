import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockProtocolBuffers
import Testing

/// `ModelInfer` and `ModelStreamInfer` as the clients of KServe and Triton know them.
@Suite struct InferCallTests {
    /// The tensors of the same request over HTTP.
    private func tail(_ server: TestServer, _ model: String, _ texts: [String]) async throws -> [UInt8] {
        let bytes = TensorRequest.bytes(of: texts)
        let json =
            #"{"inputs":[{"name":"text","shape":[\#(texts.count)],"datatype":"BYTES","parameters":"#
            + #"{"binary_data_size":\#(bytes.count)}}],"parameters":{"binary_data_output":true}}"#
        return try await TensorRequest(json: json, tail: bytes).send(to: "/v2/models/\(model)/infer", server)
            .tensors().tail
    }

    /// The requests of these tests are what Python's protobuf 7.35 writes.
    @Test func requestsAreThoseOfTheReference() {
        func digits(_ bytes: [UInt8]) -> String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        #expect(
            digits(CallSample.infer("m", ["the cat", ""]))
                == "0a016d1a01372a1d0a0474657874120542595445531a01022a0b4207746865206361744200")
        #expect(
            digits(CallSample.infer("m", ["on"], isRaw: true))
                == "0a016d1a01372a100a0474657874120542595445531a01013a06020000006f6e")
    }

    @Test(arguments: [false, true], ["bert-sequence", "st-mean"])
    func answersAreThoseOfHTTP(isRaw: Bool, model: String) async throws {
        let server = try TestServer(serving: [model])
        let texts = ["the cat", "on"]
        let answer = try await CallSample(server: server).call(
            "ModelInfer", [CallSample.infer(model, texts, isRaw: isRaw)])
        #expect(answer.status == 0)
        #expect(answer.message == nil)
        let fields = try answer.fields
        #expect(try fields.prefix(3).map { try $0.text } == [model, "1", "7"])
        #expect(try answer.raw.flatMap(\.self) == (try await tail(server, model, texts)))
        let output = try CallSample.fields(fields.first { $0.number == 5 }?.bytes ?? [])
        let first = model == "st-mean" ? ["embedding", "FP32"] : ["label", "BYTES"]
        #expect(try output.prefix(2).map { try $0.text } == first)
        var shape: [UInt64] = []
        try output.last?.eachUnsigned { shape.append($0) }
        #expect(shape.first == 2 && shape.count == 2)
    }

    @Test func optionsAreParametersOrTensors() async throws {
        let calls = CallSample(server: try TestServer(serving: ["bert-tiny"]))
        let byParameter = CallSample.infer("bert-tiny", ["a [MASK]"]) { writer in
            writer.message(4) { writer in
                writer.text(1, "top_k")
                writer.message(2) { $0.signed(2, 2) }
            }
        }
        let byTensor = CallSample.infer("bert-tiny", ["a [MASK]"]) { writer in
            writer.message(5) { writer in
                writer.text(1, "top_k")
                writer.text(2, "INT32")
                writer.packed(3, [1] as [UInt64])
                writer.message(5) { $0.packed(2, [2] as [UInt64]) }
            }
        }
        let expected = try await WireSample(server: calls.server).native(
            "bert-tiny", #""a [MASK]""#, #"{"top_k": 2}"#)
        for message in [byParameter, byTensor] {
            let answer = try await calls.call("ModelInfer", [message])
            #expect(answer.status == 0, "\(answer.message ?? "")")
            let output = try #require(try answer.raw.first)
            let json = try JSONValue(parsing: output.dropFirst(4))
            #expect(json.array?.count == 2)
            #expect(json == expected)
        }
    }

    @Test func outputsAreThoseThatAreWanted() async throws {
        let calls = CallSample(server: try TestServer(serving: ["bert-sequence"]))
        let wanted = CallSample.infer("bert-sequence", ["on"]) { $0.message(6) { $0.text(1, "score") } }
        let answer = try await calls.call("ModelInfer", [wanted])
        #expect(try answer.raw.map(\.count) == [4])
        let unknown = CallSample.infer("bert-sequence", ["on"]) { $0.message(6) { $0.text(1, "logits") } }
        let refusal = try await calls.call("ModelInfer", [unknown])
        #expect(refusal.status == 3)
        #expect(refusal.message == #"there is no output "logits"; there are: label, score"#)
    }

    @Test func faultsOfRequestsAreInvalidArguments() async throws {
        let calls = CallSample(server: try TestServer(serving: ["bert-sequence"]))
        func tensor(_ type: String, _ shape: [UInt64], _ contents: (inout MessageWriter) -> Void) -> [UInt8] {
            var writer = MessageWriter()
            writer.text(1, "bert-sequence")
            writer.message(5) { writer in
                writer.text(1, "text")
                writer.text(2, type)
                writer.packed(3, shape)
                writer.message(5, contents)
            }
            return writer.bytes
        }
        let raw = CallSample.infer("bert-sequence", ["on"], isRaw: true)
        for (message, words) in [
            (CallSample.infer("bert-sequence", []), "no elements"),
            (CallSample.message("bert-sequence"), "empty list"),
            (tensor("FP32", [1]) { $0.packed(6, [1] as [Float]) }, "has to be BYTES"),
            (tensor("FP32", [1]) { $0.packed(6, [.nan] as [Float]) }, "no finite number"),
            (tensor("FP16", [1]) { $0.packed(6, [1] as [Float]) }, "send raw_input_contents"),
            (tensor("BYTES", [1]) { $0.packed(2, [1] as [UInt64]) }, "bytes_contents"),
            (tensor("BYTES", [2]) { $0.element(8, "a".utf8) }, "its shape is for 2"),
            (tensor("BYTES", [.max]) { $0.element(8, "a".utf8) }, "not negative"),
            (tensor("WORDS", [1]) { $0.element(8, "a".utf8) }, "one of BOOL"),
            (tensor("BYTES", [1]) { $0.element(8, [0xFF]) }, "UTF-8"),
            (raw + [0x3A, 0], "2 raw_input_contents"),
            (Array(raw.dropLast()), "ends within a field"),
        ] as [([UInt8], String)] {
            let answer = try await calls.call("ModelInfer", [message])
            #expect(answer.status == 3)
            #expect(answer.message?.contains(words) == true, "\(answer.message ?? "") for \(words)")
            #expect(answer.messages.isEmpty)
        }
    }

    @Test func modelsAndVersionsHaveToBeThere() async throws {
        let calls = CallSample(server: try TestServer(serving: ["bert-sequence"]))
        for message in [
            CallSample.infer("other", ["on"]), CallSample.infer("bert-sequence", ["on"]) { $0.text(2, "2") },
        ] {
            #expect(try await calls.call("ModelInfer", [message]).status == 5)
        }
    }

    /// A failure is told in the answer to its message, and the stream goes on.
    @Test func messagesOfAStreamAreAnsweredInTheirOrder() async throws {
        let calls = CallSample(server: try TestServer(serving: ["st-mean"]))
        let good = CallSample.infer("st-mean", ["the cat"])
        let answer = try await calls.call("ModelStreamInfer", [good, CallSample.infer("other", ["on"]), good])
        #expect(answer.status == 0)
        let kinds = try answer.messages.map { try CallSample.fields($0[...]).map(\.number) }
        #expect(kinds == [[2], [1], [2]])
        let alone = try await calls.call("ModelInfer", [good])
        let first = try answer.fields.first?.bytes
        #expect(first.map(Array.init) == alone.messages.first)
    }

    @Test func aTextIsToldPieceByPiece() async throws {
        let server = try TestServer(decoder: "llama")
        let calls = CallSample(server: server)
        func message(_ isStreamed: Bool) -> [UInt8] {
            CallSample.infer("llama", ["t1 t2"]) { writer in
                writer.message(4) { writer in
                    writer.text(1, "max_new_tokens")
                    writer.message(2) { $0.signed(2, 3) }
                }
                for name in ["do_sample", "return_full_text"] {
                    writer.message(4) { writer in
                        writer.text(1, name)
                        writer.message(2) { $0.bool(1, false, isChoice: true) }
                    }
                }
                guard isStreamed else { return }
                for name in ["stream", "triton_enable_empty_final_response"] {
                    writer.message(4) { writer in
                        writer.text(1, name)
                        writer.message(2) { $0.bool(1, true) }
                    }
                }
            }
        }
        let whole = try await calls.call("ModelStreamInfer", [message(false)])
        let inner = try #require(try whole.fields.first?.bytes)
        let output = try #require(try CallSample.raw(inner).first)
        let json = try JSONValue(parsing: output.dropFirst(4))
        let expected = try #require((json.array?.first ?? json)["generated_text"]?.string)
        let streamed = try await calls.call("ModelStreamInfer", [message(true)])
        #expect(streamed.status == 0)
        let pieces = try streamed.messages.map { try CallSample.fields($0[...]).first?.bytes ?? [] }
        let texts = try pieces.flatMap { try CallSample.raw($0) }.map {
            String(decoding: $0.dropFirst(4), as: UTF8.self)
        }
        #expect(texts.joined() == expected)
        #expect(texts.count > 1)
        // The last message has no tensors.
        let last = try #require(pieces.last)
        #expect(try CallSample.raw(last).isEmpty)
        #expect(try await calls.call("ModelInfer", [message(true)]).status == 3)
    }
}
