import HTTPTypes
import PenstockHTTP
import PenstockServing
import PenstockTestSupport
import Testing

/// The pages that browsers load: `/docs` and `/ui`.
@Suite struct PageTests {
    private static func server(hasPlayground: Bool = true) throws -> TestServer {
        try TestServer(keys: KeyStore(["secret"]), change: { $0.hasPlayground = hasPlayground }) { _ in nil }
    }

    private static let files = [
        "/ui", "/ui/app.js", "/ui/inputs.js", "/ui/options.js", "/ui/results.js", "/ui/snippets.js", "/ui/stream.js",
        "/docs", "/docs/docs.js", "/docs/server.js", "/docs/style.css",
    ]

    @Test(arguments: files) func aPageNeedsNoKeyAndNoOtherHost(path: String) async throws {
        let reply = try await Self.server().send(.get, path)
        #expect(reply.status == 200)
        let type = path.hasSuffix(".js") ? "text/javascript" : path.hasSuffix(".css") ? "text/css" : "text/html"
        #expect(reply.headers[.contentType]?.hasPrefix(type) == true)
        let policy = try #require(reply.headers[.contentSecurityPolicy])
        #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"))
        #expect(!policy.contains("unsafe"))
        // Nothing comes from elsewhere, and nothing is in the page itself that the policy would stop.
        #expect(!reply.text.contains("http://") && !reply.text.contains("https://"))
        for stopped in ["<style", "style=", "onclick=", "innerHTML", "eval("] {
            #expect(!reply.text.contains(stopped), "\(stopped)")
        }
    }

    /// What a page or a script loads is there.
    @Test(arguments: files) func whatAPageLoadsIsThere(path: String) async throws {
        let server = try Self.server()
        let text = try await server.send(.get, path).text
        let links = text.matches(of: /(?:src|href)="([\w\/]+\.(?:js|css))"/).map { "/\($0.output.1)" }
        let imports = text.matches(of: /from "(\.\.?)\/([\w\/]+\.js)"/).map { match in
            let folder = path.split(separator: "/").dropLast(match.output.1 == ".." ? 2 : 1).map { "/\($0)" }.joined()
            return "\(folder)/\(match.output.2)"
        }
        if path == "/ui" || path == "/docs" { #expect(links.count == 2) }
        for file in links + imports { #expect(try await server.send(.get, file).status == 200, "\(file)") }
    }

    @Test func aSlashAtTheEndLeadsToThePage() async throws {
        let reply = try await Self.server().send(.get, "/ui/")
        #expect(reply.status == 308)
        #expect(reply.headers[.location] == "../ui")
    }

    @Test func thePlaygroundCanBeLeftOut() async throws {
        let server = try Self.server(hasPlayground: false)
        for path in ["/ui", "/ui/app.js"] {
            #expect(try await server.send(.get, path, [.authorization: "Bearer secret"]).status == 404)
        }
        #expect(try await server.send(.get, "/docs").status == 200)
    }
}
