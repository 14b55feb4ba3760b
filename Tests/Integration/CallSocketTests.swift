import Foundation
import NIOHTTP2
import PenstockJSON
import PenstockProtocolBuffers
import PenstockTestSupport
import Testing

/// Calls of gRPC over a socket: answers and ends of all kinds.
@Suite(.serialized, .blocking) struct CallSocketTests {
    private static let arguments = ["--grpc-address", "127.0.0.1:0"]
    private static let text = CallConnection.infer("st-mean", ["the cat"])

    private static func server(_ arguments: String...) throws -> ServerProcess {
        try ServerProcess(Fixtures.checkpoint("st-mean"), Self.arguments + arguments)
    }

    /// The embedding of a text by the route of the model.
    private static func embedding(_ text: String, _ server: ServerProcess) throws -> [Float] {
        let reply = try server.ask(body: text)
        let value = try JSONValue(parsing: reply.body)
        return (value.array?.first?.array ?? value.array)?.compactMap { $0.double.map(Float.init) } ?? []
    }

    private static func embedding(ofAnswer message: [UInt8]) throws -> [Float] {
        let raw = try #require(try CallConnection.fields(message).last { $0.number == 6 }?.bytes)
        return stride(from: raw.startIndex, to: raw.endIndex, by: 4).map { start in
            Float(bitPattern: raw[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
    }

    @Test func aModelAnswers() throws {
        let server = try Self.server()
        let connection = try CallConnection(to: server)
        var answer = try connection.call("ModelInfer", Self.text)
        #expect(answer.status == 0)
        #expect(answer.fields.first(name: "content-type") == "application/grpc")
        let first = answer.takeMessage()
        let message = try #require(first)
        #expect(answer.bytes.isEmpty)
        #expect(try Self.embedding(ofAnswer: message) == (try Self.embedding("the cat", server)))
        #expect(try Self.embedding(ofAnswer: message).count == 16)
        // The same in pieces of one byte.
        let stream = try connection.begin("ModelInfer")
        for byte in [0, 0, 0, 0, UInt8(Self.text.count)] + Self.text {
            try connection.send(bytes: [byte], on: stream, ends: false)
        }
        try connection.send(bytes: [], on: stream, ends: true)
        var pieces = try connection.end(of: stream)
        let other = pieces.takeMessage()
        #expect(other == message)
        for (method, body, status) in [
            ("ModelInfer", CallConnection.infer("other", ["a"]), 5), ("ModelInfer", [0x0A, 9], 3), ("Other", [], 12),
        ] as [(String, [UInt8], Int)] {
            #expect(try connection.call(method, body).status == status)
        }
    }

    /// Each message is answered before the next one is sent.
    @Test func aStreamAnswersMessageByMessage() throws {
        let server = try Self.server()
        let connection = try CallConnection(to: server)
        let stream = try connection.begin("ModelStreamInfer")
        for text in ["the cat", "on", "the mat"] {
            try connection.send(CallConnection.infer("st-mean", [text]), on: stream, ends: false)
            let answer = try CallConnection.fields(try connection.message(of: stream))
            #expect(answer.map(\.number) == [2])
            let embedding = try Self.embedding(ofAnswer: Array(answer.first?.bytes ?? []))
            #expect(embedding == (try Self.embedding(text, server)))
        }
        try connection.send(CallConnection.infer("other", ["a"]), on: stream, ends: true)
        #expect(try CallConnection.fields(try connection.message(of: stream)).map(\.number) == [1])
        #expect(try connection.end(of: stream).status == 0)
    }

    @Test func reflectionTellsOfServices() throws {
        let connection = try CallConnection(to: try Self.server())
        let stream = try connection.begin("grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
        let kinds = try [
            (7, ""), (4, "inference.GRPCInferenceService.ModelConfig"), (4, "no.such"), (3, "\u{E9}"),
        ].map { field, text in
            var writer = MessageWriter()
            writer.text(field, text, isChoice: true)
            try connection.send(writer.bytes, on: stream, ends: false)
            return try CallConnection.fields(try connection.message(of: stream)).last?.number
        }
        #expect(kinds == [6, 4, 7, 7])
        try connection.send(bytes: [], on: stream, ends: true)
        #expect(try connection.end(of: stream).status == 0)
    }

    /// A message for which there is no model has an end also if the rest of it never comes.
    @Test func aCallEndsWhenItsTimeIsOver() throws {
        let connection = try CallConnection(to: try Self.server())
        for method in ["ModelInfer", "ModelStreamInfer"] {
            let stream = try connection.begin(method, ("grpc-timeout", "50m"))
            try connection.send(bytes: [0, 0], on: stream, ends: false)
            #expect(try connection.end(of: stream).status == 4, "\(method)")
        }
        let watch = try connection.begin("grpc.health.v1.Health/Watch", ("grpc-timeout", "50m"))
        try connection.send([], on: watch)
        #expect(try connection.message(of: watch) == [8, 1])
        #expect(try connection.end(of: watch).status == 4)
    }

    /// An idle engine that waits for company leaves time to cancel.
    @Test func workOfCallsThatAreCancelledIsNotRun() throws {
        let server = try Self.server("--batch-linger", "5")
        let connection = try CallConnection(to: server)
        for _ in 0..<10 {
            let stream = try connection.begin("ModelInfer")
            try connection.send(Self.text, on: stream)
            try connection.cancel(stream)
        }
        while try server.metric("penstock_requests_total", #"outcome="client_gone""#) != 10 {}
        #expect(try server.metric("penstock_forward_seconds_count") == 0)
        #expect(try server.metric("penstock_queue_items") == 0)
    }

    /// Those of gRPC in Go and Java measure their way to the server with nearly each answer, and reset what takes too
    /// long.
    @Test func clientsMayPingAndCancelOften() throws {
        let connection = try CallConnection(to: try Self.server())
        // The client of the test takes 200 answers to a ping at most.
        for _ in 0..<150 {
            try connection.ping()
            try connection.prioritize()
            #expect(try connection.call("grpc.health.v1.Health/Check", []).status == 0)
        }
        #expect(connection.acknowledgedPings >= 149)
        for _ in 0..<300 {
            let stream = try connection.begin("ModelInfer")
            try connection.send(bytes: [0], on: stream, ends: false)
            try connection.cancel(stream)
        }
        #expect(try connection.call("ModelInfer", Self.text).status == 0)
    }

    /// The server does not wait for the rest of a message whose client has gone.
    @Test func aClientThatLeavesLeavesNothingBehind() throws {
        let server = try Self.server()
        for method in ["ModelInfer", "ModelStreamInfer"] {
            let connection = try CallConnection(to: server)
            let stream = try connection.begin(method)
            try connection.send(bytes: [0, 0], on: stream, ends: false)
            #expect(try connection.call("ServerLive", []).status == 0)
        }
        server.signal(SIGTERM)
        #expect(server.status() == 0)
    }

    /// Tells a server to go down; returns the call that watched it, and was told.
    private static func endWatched(
        _ server: ServerProcess, by connection: CallConnection
    ) throws -> HTTP2StreamID {
        let watch = try connection.begin("grpc.health.v1.Health/Watch")
        try connection.send([], on: watch)
        #expect(try connection.message(of: watch) == [8, 1])
        server.signal(SIGTERM)
        #expect(try connection.message(of: watch) == [8, 2])
        return watch
    }

    @Test func whoWatchesIsToldThatTheServerGoesDown() throws {
        let server = try Self.server()
        let connection = try CallConnection(to: server)
        let watch = try Self.endWatched(server, by: connection)
        #expect(try connection.end(of: watch).status == 14)
        #expect(server.status() == 0)
    }

    @Test func callsAreTakenWhileBalancersHearOfTheEnd() throws {
        let server = try Self.server("--drain-delay", "3600")
        let connection = try CallConnection(to: server)
        _ = try Self.endWatched(server, by: connection)
        #expect(try connection.call("ModelInfer", Self.text).status == 0)
        try connection.farewell()
    }

    @Test func aCallThatWaitsForCompanyIsAnsweredBeforeTheEnd() throws {
        let server = try Self.server("--batch-linger", "600")
        let connection = try CallConnection(to: server)
        let stream = try connection.begin("ModelInfer")
        try connection.send(Self.text, on: stream)
        while try server.metric("penstock_queue_items") != 1 {}
        server.signal(SIGTERM)
        #expect(try connection.end(of: stream).status == 0)
        #expect(server.status() == 0)
    }
}
