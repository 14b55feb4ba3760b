import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockProtocolBuffers
import Testing

/// What Triton's `ModelConfig` and `ModelStatistics` tell of models.
@Suite struct ModelCallTests {
    private static func server() throws -> TestServer {
        try TestServer { server in
            [try server.served("bert-sequence", named: "labels"), try server.served("st-mean", named: "org/vectors")]
        }
    }

    /// What Python's protobuf 7.36 writes for the same configuration, by the files of `tritonclient` 2.73.
    @Test func aConfigurationIsThatOfTheReference() async throws {
        let server = try Self.server()
        let answer = try await CallSample(server: server).call("ModelConfig", [CallSample.message("labels", "1")])
        #expect(answer.status == 0)
        let digits = try answer.first.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(
            digits
                == "0a86010a066c6162656c732a140a0474657874100d220affffffffffffffffff012a190a09746578745f706169"
                + "72100d220affffffffffffffffff01321f0a056c6162656c100d1a14ffffffffffffffffff01ffffffffffffff"
                + "ffff01321f0a0573636f7265100b1a14ffffffffffffffffff01ffffffffffffffffff018a010870656e73746f"
                + "636b")
    }

    @Test func tensorsAreThoseOfHTTP() async throws {
        let server = try Self.server()
        let expected = try await server.send(.get, "/v2/models/org/vectors/config").json
        let answer = try await CallSample(server: server).call("ModelConfig", [CallSample.message("org/vectors")])
        let config = try CallSample.fields(try #require(try answer.fields.first?.bytes))
        for (number, name) in [(5, "input"), (6, "output")] {
            let tensors = try config.filter { $0.number == number }.map { try CallSample.fields($0.bytes ?? []) }
            #expect(try tensors.map { try $0.first?.text } == expected[name]?.array?.map { $0["name"]?.string })
            #expect(!tensors.isEmpty)
        }
    }

    private static func statistics(_ calls: CallSample, _ name: String...) async throws -> [[WireField]] {
        let message = name.first.map { CallSample.message($0) } ?? []
        let answer = try await calls.call("ModelStatistics", [message])
        #expect(answer.status == 0)
        return try answer.fields.map { try CallSample.fields($0.bytes ?? []) }
    }

    @Test func callsAreCounted() async throws {
        let calls = CallSample(server: try Self.server())
        for message in [["the cat"], ["on"], []].map({ CallSample.infer("labels", $0) }) {
            _ = try await calls.call("ModelInfer", [message])
        }
        let one = try await Self.statistics(calls, "labels")
        #expect(one.count == 1)
        let fields = try #require(one.first)
        #expect(try fields.prefix(2).map { try $0.text } == ["labels", "1"])
        #expect(fields.dropFirst(2).prefix(2).map(\.number) == [4, 5])
        #expect(fields.dropFirst(2).prefix(2).map(\.unsigned) == [2, 2])
        let totals = try CallSample.fields(fields.last?.bytes ?? []).map { try CallSample.fields($0.bytes ?? []) }
        #expect(totals.map { $0.first?.unsigned } == [2, 1, 2, 2, 2, 2])
        for (index, total) in totals.enumerated() where index != 1 {
            #expect(total.map(\.number) == [1, 2])
            #expect(total.allSatisfy { $0.unsigned ?? 0 > 0 })
        }
        let all = try await Self.statistics(calls)
        #expect(try all.map { try $0.first?.text } == ["labels", "org/vectors"])
    }

    @Test(arguments: ["ModelConfig", "ModelStatistics"])
    func modelsAndVersionsThatAreNotThere(method: String) async throws {
        let calls = CallSample(server: try Self.server())
        #expect(try await calls.call(method, [CallSample.message("other")]).status == 5)
        #expect(try await calls.call(method, [CallSample.message("labels", "2")]).status == 5)
    }

    /// A key tells of no models but its own.
    @Test func statisticsAreOfModelsThatACallerMayUse() async throws {
        let file = try KeyFile(#"{"keys": [{"name": "a", "key": "secret", "models": ["labels"]}]}"#)
        let server = try TestServer(keys: file.store()) { server in
            [try server.served("bert-sequence", named: "labels"), try server.served("st-mean", named: "vectors")]
        }
        let calls = CallSample(server: server)
        let headers: HTTPFields = [.authorization: "Bearer secret"]
        let all = try await calls.call("ModelStatistics", [[]], headers)
        #expect(try all.fields.map { try CallSample.fields($0.bytes ?? []).first?.text } == ["labels"])
        for method in ["ModelConfig", "ModelStatistics"] {
            #expect(try await calls.call(method, [CallSample.message("vectors")], headers).status == 7)
            #expect(try await calls.call(method, [CallSample.message("labels")]).status == 16)
        }
    }
}
