import HTTPTypes
import PenstockServing
import Testing

/// Models whose names are ids of the Hub have two parts in their paths.
@Suite struct ModelNameTests {
    @Test func namesOfTwoParts() async throws {
        let server = try TestServer { _ in nil }
        server.store.announce(["org/model"])
        let body = Array("a [MASK]".utf8)
        for (method, path) in [
            (HTTPRequest.Method.post, "/models/org/model"), (.post, "/models/org/model/tokenize"),
            (.get, "/models/org/model"),
        ] {
            let reply = try await server.send(method, path, body: body)
            #expect(try reply.errorCode == "not_ready", "\(path)")
        }
        for path in ["/models/org/other", "/models/other/model", "/models/org"] {
            let reply = try await server.send(.post, path, body: body)
            #expect(try reply.errorCode == "model_not_found", "\(path)")
        }
    }

    /// What has a name of its own is no part of a model's.
    @Test func tokenizeIsNoModel() async throws {
        let server = try TestServer { _ in nil }
        let reply = try await server.send(.get, "/models/late/tokenize")
        #expect(reply.status == 405)
        #expect(reply.headers[.allow] == "OPTIONS, POST")
    }
}
