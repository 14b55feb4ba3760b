import PenstockProtocolBuffers
import Testing

/// What the server tells of its services to programs like grpcurl.
@Suite struct ReflectionTests {
    private static func asked(_ field: Int, _ text: String) -> [UInt8] {
        var writer = MessageWriter()
        writer.text(1, "host")
        writer.text(field, text, isChoice: true)
        return writer.bytes
    }

    /// The answer to a question, as the number and the bytes of its last field.
    private static func answer(
        to message: [UInt8], _ version: String = "v1"
    ) async throws -> (number: Int, bytes: ArraySlice<UInt8>) {
        let calls = CallSample(server: try TestServer { _ in [] })
        let answer = try await calls.call(
            "grpc.reflection.\(version).ServerReflection/ServerReflectionInfo", [message])
        #expect(answer.status == 0)
        let fields = try answer.fields
        #expect(try fields.first?.text == "host")
        #expect(fields.dropFirst().first?.bytes.map(Array.init) == message)
        let last = try #require(fields.last)
        return (last.number, try #require(last.bytes))
    }

    @Test(arguments: ["v1", "v1alpha"])
    func servicesAreListed(version: String) async throws {
        let (number, bytes) = try await Self.answer(to: Self.asked(7, ""), version)
        #expect(number == 6)
        let names = try CallSample.fields(bytes).map { try CallSample.fields($0.bytes ?? []).first?.text }
        #expect(
            names == [
                "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                "grpc.reflection.v1alpha.ServerReflection", "inference.GRPCInferenceService",
            ])
    }

    /// A file begins with its name, which is found by all that it declares.
    @Test(arguments: [
        (3, "open_inference.proto", "open_inference.proto"),
        (4, "inference.GRPCInferenceService", "open_inference.proto"),
        (4, "inference.GRPCInferenceService.ModelInfer", "open_inference.proto"),
        (4, "inference.ModelInferRequest.InferInputTensor", "open_inference.proto"),
        (4, "grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"),
        (3, "grpc/reflection/v1alpha/reflection.proto", "grpc/reflection/v1alpha/reflection.proto"),
    ])
    func filesAreFound(field: Int, name: String, file: String) async throws {
        let (number, bytes) = try await Self.answer(to: Self.asked(field, name))
        #expect(number == 4)
        let message = try #require(try CallSample.fields(bytes).first?.bytes)
        let descriptor = try CallSample.fields(message)
        #expect(descriptor.first?.number == 1)
        #expect(try descriptor.first?.text == file)
    }

    @Test(arguments: [
        (3, "other.proto", 5), (4, "inference.Other", 5), (6, "inference.ModelInferRequest", 5), (9, "", 3),
    ])
    func whatIsNotThereIsTold(field: Int, name: String, code: UInt64) async throws {
        let (number, bytes) = try await Self.answer(to: Self.asked(field, name))
        #expect(number == 7)
        #expect(try CallSample.fields(bytes).first?.unsigned == code)
    }
}
