import HTTPTypes
import PenstockHTTP
import Testing

/// Pages of other origins that call the server from a browser.
@Suite struct CrossOriginTests {
    private static let page = "https://example.com"

    private static func server(_ origins: [String]) throws -> TestServer {
        try TestServer(checkpoint: "bert-tiny", corsAllowOrigins: origins.compactMap { AllowedOrigin($0) })
    }

    private static func preflight(
        _ server: TestServer, _ path: String = "/", origin: String = CrossOriginTests.page, names: String? = nil
    ) async throws -> TestServer.Reply {
        var headers: HTTPFields = [.origin: origin, .accessControlRequestMethod: "POST"]
        headers[.accessControlRequestHeaders] = names
        return try await server.send(.options, path, headers)
    }

    @Test(arguments: ["/embed", "/tokenize", "/tokenize/"])
    func aPreflightOfAnAllowedOriginIsAnswered(path: String) async throws {
        let names = "authorization, content-type, x-stainless-os"
        for (allowed, value) in [(Self.page, Self.page), ("*", "*")] {
            let reply = try await Self.preflight(try Self.server(["http://a", allowed]), path, names: names)
            #expect(reply.status == 204)
            #expect(reply.headers[.accessControlAllowOrigin] == value)
            #expect(reply.headers[.accessControlAllowMethods] == "OPTIONS, POST")
            #expect(reply.headers[.accessControlAllowHeaders] == names)
            #expect(reply.headers[.accessControlMaxAge] == "600")
            #expect(reply.headers[.vary] == "Origin")
        }
    }

    @Test func aPreflightOfAnotherOriginOrForAnotherPathAllowsNothing() async throws {
        let server = try Self.server([Self.page])
        for origin in ["http://example.com", "https://example.com.evil", "https://example.com:8443", "null", ""] {
            let reply = try await Self.preflight(server, origin: origin)
            #expect(reply.status == 204)
            #expect(reply.headers[.accessControlAllowOrigin] == nil, "\(origin)")
            #expect(reply.headers[.accessControlAllowMethods] == nil, "\(origin)")
            #expect(reply.headers[.vary] == "Origin")
        }
        let missing = try await Self.preflight(server, "/nothing")
        #expect(missing.status == 404)
        #expect(missing.headers[.accessControlAllowMethods] == nil)
    }

    @Test func onlyNamesOfFieldsAreGivenBack() async throws {
        let server = try Self.server(["*"])
        for names in ["a: b", "\"a\"", String(repeating: "a", count: 3000)] {
            let reply = try await Self.preflight(server, names: names)
            #expect(reply.headers[.accessControlAllowOrigin] == "*")
            #expect(reply.headers[.accessControlAllowHeaders] == nil)
        }
    }

    @Test func plainOptionsAreNoPreflight() async throws {
        let server = try Self.server([Self.page])
        let reply = try await server.send(.options, "/", [.origin: Self.page])
        #expect(reply.headers[.allow] == "GET, HEAD, OPTIONS, POST")
        #expect(reply.headers[.accessControlAllowMethods] == nil)
    }

    @Test func answersAndErrorsMayBeReadByAnAllowedOrigin() async throws {
        let server = try Self.server([Self.page])
        for (method, path, body, status) in [
            (HTTPRequest.Method.post, "/", "a [MASK]", 200), (.post, "/", "no mask", 422), (.get, "/nothing", "", 404),
            (.delete, "/health", "", 405), (.get, "/health", "", 200),
        ] {
            let reply = try await server.send(method, path, [.origin: Self.page], body: Array(body.utf8))
            #expect(reply.status == status)
            #expect(reply.headers[.accessControlAllowOrigin] == Self.page)
            #expect(reply.headers[.accessControlExposeHeaders] == "X-Request-Id, Server-Timing, Retry-After")
            #expect(reply.headers[.vary] == "Origin")
            let other = try await server.send(method, path, [.origin: "http://evil"], body: Array(body.utf8))
            #expect(other.status == status)
            #expect(other.headers[.accessControlAllowOrigin] == nil)
            #expect(other.headers[.vary] == "Origin")
        }
    }

    @Test func nothingIsAddedUnlessItIsConfigured() async throws {
        let server = try TestServer(checkpoint: "bert-tiny")
        let preflight = try await Self.preflight(server)
        let answer = try await server.send(.post, "/", [.origin: Self.page], body: Array("a [MASK]".utf8))
        for reply in [preflight, answer] {
            #expect(reply.headers[.vary] == nil)
            #expect(!reply.headers.contains { $0.name.canonicalName.hasPrefix("access-control-") })
        }
    }

    @Test func aRefusalOfTheConnectionMayBeRead() throws {
        for (allowed, request, value) in [
            (Self.page, "GET / HTTP/1.1\r\nOrigin: https://example.com\r\n\r\n", Self.page),
            (Self.page, "GET / HTTP/1.1\r\nOrigin: http://evil\r\n\r\n", nil),
            (Self.page, "bad\r\n\r\n", nil), ("*", "bad\r\n\r\n", "*"),
        ] as [(String, String, String?)] {
            let connection = try FakeConnection(allowedOrigins: [allowed].compactMap { AllowedOrigin($0) })
            try connection.send(request)
            let answer = try connection.sent
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.contains("Access-Control-Allow-Origin: ") == (value != nil))
            if let value { #expect(answer.contains("Access-Control-Allow-Origin: \(value)\r\n")) }
        }
    }

    @Test func originsAreReadAsBrowsersWriteThem() {
        #expect(AllowedOrigin("*") == .any)
        for (text, origin) in [
            ("https://example.com", "https://example.com"), ("HTTPS://Example.com:443", "https://example.com"),
            ("http://localhost:3000", "http://localhost:3000"), ("http://[::1]:80", "http://[::1]"),
            ("app://obsidian.md", "app://obsidian.md"),
        ] { #expect(AllowedOrigin(text) == .origin(origin)) }
        for text in ["", "null", "example.com", "http://", "http://:80", "http://a/", "http://a b", "://a", "é://a"] {
            #expect(AllowedOrigin(text) == nil, "\(text)")
        }
    }
}
