/// The proxies that requests go through, by the variables and rules that Python's
/// `urllib.request.getproxies_environment` has and huggingface_hub with it.
///
/// The texts may have passwords in them, and are shown to nobody.
package struct ProxySettings: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let http: Variable?
    private let https: Variable?
    /// Hosts that are asked without a proxy.
    private let direct: [String]

    private struct Variable: Sendable {
        let name: String
        let value: String
    }

    /// Without a proxy.
    package init() { (http, https, direct) = (nil, nil, []) }

    /// Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`; each also in upper case, unless the other is set, be it
    /// to nothing.
    ///
    /// - Parameter environment: the value of a variable; nil if it is not set
    package init(environment: (_ name: String) -> String?) {
        func variable(_ name: String) -> Variable? {
            for name in [name, name.uppercased()] {
                // A variable that a web server makes of a header field `Proxy` is no setting.
                if name == "HTTP_PROXY", environment("REQUEST_METHOD") != nil { continue }
                if let value = environment(name) { return value.isEmpty ? nil : Variable(name: name, value: value) }
            }
            return nil
        }
        http = variable("http_proxy") ?? variable("all_proxy")
        https = variable("https_proxy") ?? variable("all_proxy")
        direct = (variable("no_proxy")?.value ?? "").lowercased().split(separator: ",")
            .map { String($0.filter { !$0.isWhitespace }) }.filter { !$0.isEmpty }
    }

    /// The proxy for requests to a server; nil if it is asked itself.
    ///
    /// - Throws: ``HubError`` of the code `invalidSettings` if the variable names none that is supported
    package func proxy(for origin: HubURL.Origin) throws(HubError) -> HubProxy? {
        guard let variable = origin.isSecure ? https : http, !isDirect(origin) else { return nil }
        guard let proxy = HubProxy(variable.value) else {
            throw HubError(
                .invalidSettings,
                "\(variable.name) names no proxy that is supported: it is like http://host:3128, http://user:password@host:3128 "
                    + "or socks5://host:1080; or list \(origin.host) in NO_PROXY")
        }
        return proxy
    }

    /// Tells whether `no_proxy` has the host, with or without its port, or a domain that it lies in.
    private func isDirect(_ origin: HubURL.Origin) -> Bool {
        direct.contains { entry in
            if entry == "*" { return true }
            let name = entry.hasPrefix("*.") ? String(entry.dropFirst(2)) : String(entry.drop { $0 == "." })
            let bare = origin.host.filter { !"[]".contains($0) }
            return [origin.host, bare, "\(origin.host):\(origin.port)"].contains {
                $0 == name || $0.hasSuffix(".\(name)")
            }
        }
    }

    package var description: String { "proxies" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A server that passes requests on.
package struct HubProxy: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// True if it speaks SOCKS 5 and not HTTP.
    package let isSOCKS: Bool
    package let host: String
    package let port: Int
    /// User and password, if it wants them.
    let credentials: Credentials?

    struct Credentials: Sendable, Hashable {
        let user: String
        let password: String
    }

    /// Nil for what is no address, or one of another kind: `https` (encrypted to the proxy), `socks4`, users of SOCKS.
    package init?(_ text: String) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        let scheme = parts.count == 2 ? parts[0].lowercased() : "http"
        guard ["http", "socks5", "socks5h"].contains(scheme), let rest = parts.last else { return nil }
        isSOCKS = scheme != "http"
        let authority = rest.prefix { !"/?#".contains($0) }
        let at = authority.lastIndex(of: "@")
        let address = at.map { authority[authority.index(after: $0)...] } ?? authority
        guard let origin = HubURL("http://\(address)")?.origin else { return nil }
        host = origin.host.filter { !"[]".contains($0) }
        let hasPort = address.drop { $0 != "]" }.contains(":") || !address.contains("]") && address.contains(":")
        port = hasPort ? origin.port : isSOCKS ? 1080 : 80
        guard let at else {
            credentials = nil
            return
        }
        let pair = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard !isSOCKS, let user = pair.first.flatMap({ HubURL.unescaped($0) }),
            let password = HubURL.unescaped(pair.count == 2 ? pair[1] : "")
        else { return nil }
        credentials = Credentials(user: user, password: password)
    }

    package var description: String { "\(isSOCKS ? "socks5" : "http")://\(host):\(port)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
