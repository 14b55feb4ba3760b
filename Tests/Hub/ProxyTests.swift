import Foundation
import PenstockHub
import Synchronization
import Testing

/// Proxies by the variables that all programs share.
@Suite struct ProxyTests {
    private static func proxy(_ variables: [String: String], for address: String) throws -> String? {
        let origin = try #require(HubURL(address)).origin
        return try ProxySettings { variables[$0] }.proxy(for: origin)?.description
    }

    @Test(
        arguments: [
            ([:], "https://hub", nil),
            (["HTTPS_PROXY": "http://p:3128"], "https://hub", "http://p:3128"),
            (["HTTPS_PROXY": "http://p:3128"], "http://hub", nil),
            (["HTTP_PROXY": "p:1"], "http://hub", "http://p:1"), (["HTTP_PROXY": "p"], "http://hub", "http://p:80"),
            // A variable in small letters decides, also with nothing.
            (["https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:2"], "https://hub", "http://a:1"),
            (["https_proxy": "", "HTTPS_PROXY": "http://b:2"], "https://hub", nil),
            (["ALL_PROXY": "socks5h://p"], "https://hub", "socks5://p:1080"),
            (["all_proxy": "http://[::1]:9/"], "http://hub", "http://::1:9"),
            (["http_proxy": "http://[::1]"], "http://hub", "http://::1:80"),
            (["https_proxy": "http://p:1", "all_proxy": "http://q:2"], "https://hub", "http://p:1"),
            (["HTTP_PROXY": "p:1", "REQUEST_METHOD": "GET"], "http://hub", nil),
        ] as [([String: String], String, String?)])
    func variables(variables: [String: String], address: String, proxy: String?) throws {
        #expect(try Self.proxy(variables, for: address) == proxy)
    }

    @Test(
        arguments: [
            ("*", true), ("hub.example.com", true), ("example.com", true), (".example.com", true),
            ("*.example.com", true), (" other , EXAMPLE.com ", true), ("hub.example.com:443", true),
            ("hub.example.com:80", false), ("ample.com", false), ("hub", false), ("", false), (",.,", false),
        ])
    func exceptions(list: String, isDirect: Bool) throws {
        let variables = ["HTTPS_PROXY": "http://p:1", "NO_PROXY": list]
        #expect((try Self.proxy(variables, for: "https://hub.example.com") == nil) == isDirect)
    }

    @Test(arguments: [
        "https://p:1", "socks4://p:1", "socks5://me:hunter2@p:1", "http://", "http://me:hunter2@", "http://p:0",
        "http://me:hunter2%zz@p:1", "http://p q:1",
    ])
    func whatIsNone(text: String) throws {
        let error = #expect(throws: HubError.self) {
            try Self.proxy(["HTTPS_PROXY": text], for: "https://hub")
        }
        #expect(error?.code == .invalidSettings)
        #expect(error?.message.contains("HTTPS_PROXY") == true)
        #expect(error?.message.contains("hunter2") == false)
        // Whoever does not go through it hears nothing of it.
        #expect(try Self.proxy(["HTTPS_PROXY": text, "NO_PROXY": "hub"], for: "https://hub") == nil)
    }

    /// A proxy is told where to go and who asks it, and not the token.
    @Test func requests() async throws {
        let log = RequestLog()
        let server = try await LoopbackServer { request in
            log.add(request)
            return LoopbackReply(status: 403)
        }
        let setting = try await HubSetting()
        let error = await setting.failure(
            settings: try setting.settings(token: "hf_secret") { settings in
                if let endpoint = HubURL("http://hub.invalid") { settings.endpoint = endpoint }
                settings.proxies = ProxySettings { name in
                    name == "http_proxy" ? "http://me:p%40ss@127.0.0.1:\(server.port)" : nil
                }
            })
        await server.stop()
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("p@ss") == false)
        let first = try #require(log.requests.first)
        #expect(first.method == "CONNECT")
        #expect(first.target == "hub.invalid:80")
        #expect(
            first.headers.first(name: "Proxy-Authorization") == "Basic \(Data("me:p@ss".utf8).base64EncodedString())")
        #expect(first.authorization == nil)
        #expect(setting.hub.requests.isEmpty)
    }
}

private final class RequestLog: Sendable {
    private let log = Mutex<[LoopbackRequest]>([])
    var requests: [LoopbackRequest] { log.withLock { $0 } }
    func add(_ request: LoopbackRequest) { log.withLock { $0.append(request) } }
}
