import HTTPTypes
import PenstockHTTP
import Testing

@Suite struct AdminAddressTests {
    private static func status(_ path: String, _ method: HTTPRequest.Method = .get, isForOperators: Bool) async throws
        -> Int
    {
        let server = try TestServer(keys: KeyStore(["key"]), isForOperators: isForOperators) { _ in [] }
        return try await server.send(method, path, isForOperators ? [:] : [.authorization: "Bearer key"]).status
    }

    @Test func operatorsNeedNoKeyAndGetNothingElse() async throws {
        for (path, status) in [("/metrics", 200), ("/health", 200), ("/info", 404), ("/models", 404), ("/", 404)] {
            #expect(try await Self.status(path, isForOperators: true) == status, "\(path)")
        }
        #expect(try await Self.status("/", .post, isForOperators: true) == 404)
    }

    @Test func othersGetNoMetricsThen() async throws {
        for (path, status) in [("/metrics", 404), ("/health", 200), ("/models", 200)] {
            #expect(try await Self.status(path, isForOperators: false) == status, "\(path)")
        }
    }

    @Test func anAddressIsAHostAndAPort() {
        #expect(ListenAddress("127.0.0.1:9000") == ListenAddress(host: "127.0.0.1", port: 9000))
        #expect(ListenAddress("localhost:0")?.description == "localhost:0")
        #expect(ListenAddress("[::1]:80") == ListenAddress(host: "::1", port: 80))
        #expect(ListenAddress("[::1]:80")?.description == "[::1]:80")
        for text in [
            "", ":", "9000", ":9000", "a:", "a:x", "a:65536", "a:-1", "::1:80", "[::1:80", "a]:1", "[a]:1", "a:1:2",
        ] {
            #expect(ListenAddress(text) == nil, "\(text)")
        }
    }
}
