import HTTPTypes
import Hummingbird
import PenstockHTTP
import Testing

/// Who is let in with which header.
@Suite struct KeyTests {
    private static func server() throws -> TestServer {
        try TestServer(
            checkpoint: "bert-tiny", corsAllowOrigins: [.any],
            keys: KeyStore(["sesame", "open=up"], environment: "third"))
    }

    @Test(arguments: [
        ("Authorization", "Bearer sesame"), ("Authorization", "bearer sesame"), ("Authorization", "BEARER   sesame"),
        ("Authorization", "sesame"), ("authorization", "Bearer open=up"), ("x-api-key", "sesame"),
        ("X-API-KEY", "third"),
        ("api-key", "sesame"),
    ])
    func aKeyIsTakenInAnyFormThatClientsSend(header: String, value: String) async throws {
        let name = try #require(HTTPField.Name(header))
        let reply = try await Self.server().send(.post, "/", [name: value], body: Array("a [MASK]".utf8))
        #expect(reply.status == 200)
    }

    @Test(arguments: [
        ("Authorization", "Bearer"), ("Authorization", "Bearer "), ("Authorization", ""),
        ("Authorization", "Bearer wrong"),
        ("Authorization", "Bearer sesam"), ("Authorization", "Bearer sesame2"), ("Authorization", "Basic sesame"),
        ("Authorization", "Bearer SESAME"), ("Authorization", "Bearersesame"), ("x-api-key", "Bearer sesame"),
        ("Cookie", "sesame"), ("Authorization", "Bearer sesame, Bearer sesame"),
    ])
    func anythingElseIsAnswered401InTheOneErrorForm(header: String, value: String) async throws {
        let server = try Self.server()
        let name = try #require(HTTPField.Name(header))
        for (method, path) in [
            (HTTPRequest.Method.post, "/"), (.get, "/metrics"), (.get, "/info"), (.get, "/models"), (.get, "/nothing"),
            (.delete, "/health"), (.post, "/models/bert-tiny/tokenize"), (.head, "/info"), (.post, "/models/bert-tiny"),
        ] {
            let reply = try await server.send(
                method, path, [name: value, .origin: "https://a"], body: Array("a [MASK]".utf8))
            #expect(reply.status == 401, "\(method) \(path)")
            #expect(try reply.errorCode == "invalid_api_key")
            #expect(reply.headers[.wwwAuthenticate]?.hasPrefix("Bearer realm=\"penstock\"") == true)
            #expect(reply.headers[.accessControlAllowOrigin] == "*")
            #expect(reply.headers[.requestID] != nil)
            #expect(!String(decoding: reply.bytes, as: UTF8.self).contains("sesame"))
        }
    }

    @Test func aChallengeSaysWhetherAKeyWasSent() async throws {
        let server = try Self.server()
        let without = try await server.send(.get, "/info", [.authorization: "Bearer "])
        #expect(without.headers[.wwwAuthenticate] == #"Bearer realm="penstock""#)
        let wrong = try await server.send(.get, "/info", [.authorization: "Bearer wrong"])
        #expect(wrong.headers[.wwwAuthenticate] == #"Bearer realm="penstock", error="invalid_token""#)
    }

    @Test func anEmptyBearerBesideAnotherHeaderIsOverlooked() async throws {
        let reply = try await Self.server().send(.get, "/info", [.authorization: "Bearer ", .apiKey: "sesame"])
        #expect(reply.status == 200)
    }

    @Test func probesAndPreflightsNeedNoKey() async throws {
        let server = try Self.server()
        for (method, path) in [
            (HTTPRequest.Method.get, "/health"), (.head, "/health"), (.get, "/ready"), (.head, "/ready"),
            (.get, "/health/"), (.get, "/"), (.get, "/ping"), (.get, "/healthz"), (.get, "/v1/health"),
        ] {
            #expect(try await server.send(method, path).status == 200)
            #expect(try await server.send(method, path, [.authorization: "Bearer wrong"]).status == 200)
        }
        let preflight = try await server.send(
            .options, "/", [.origin: "https://a", .accessControlRequestMethod: "POST"])
        #expect(preflight.status == 204)
    }

    @Test(arguments: [
        "/health/..", "/health/../info", "/health%2f..%2finfo", "/HEALTH", "/healthz/x", "/health/x", "/x/health",
        "/models/health",
        "/health;/info", "/./info", "//info", "/ready/info", "*", "/pingx",
    ])
    func noOtherPathPassesForAnOpenOne(path: String) async throws {
        let server = try Self.server()
        for method in [HTTPRequest.Method.get, .post, .head, .put] {
            let reply = try await server.send(method, path, body: Array("a [MASK]".utf8))
            #expect(reply.status == 401, "\(method)")
        }
    }

    @Test func withoutKeysNobodyIsAsked() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        for value in ["Bearer ", "Bearer hf_token", "nonsense"] {
            #expect(try await server.send(.get, "/info", [.authorization: value]).status == 200)
        }
    }

    @Test func keysAppearNowhere() async throws {
        let server = try Self.server()
        for key in ["sesame", "guessed"] {
            for path in ["/info", "/models", "/metrics", "/nothing"] {
                let reply = try await server.send(.get, path, [.authorization: "Bearer \(key)"])
                let told = reply.headers.map { "\($0)" }.joined() + String(decoding: reply.bytes, as: UTF8.self)
                for secret in ["sesame", "guessed", "open=up"] { #expect(!told.contains(secret), "\(path)") }
            }
        }
    }
}
