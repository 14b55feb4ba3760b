#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The settings of the environment for the Hub and its cache, by the names and rules of huggingface_hub
/// (`constants.py`).
package struct HubSettings: Sendable {
    /// The folder of the cache.
    package var cache: String
    /// The address of the Hub.
    package var endpoint: HubURL
    /// The token that opens gated and private repositories.
    package var token: HubToken?
    /// True if the network must not be used.
    package var isOffline: Bool
    /// True if a snapshot has links to blobs, and not the files themselves.
    package var usesLinks: Bool
    /// Servers that requests go through.
    package var proxies = ProxySettings()
    /// Times and numbers that bound downloads.
    package var limits = HubLimits()

    package init(
        cache: String, endpoint: HubURL, token: HubToken? = nil, isOffline: Bool = false, usesLinks: Bool = true
    ) {
        (self.cache, self.endpoint, self.token) = (cache, endpoint, token)
        (self.isOffline, self.usesLinks) = (isOffline, usesLinks)
    }

    /// Reads the variables of an environment. One that is set to nothing counts as not set.
    ///
    /// - Parameters:
    ///   - environment: the value of a variable, or nil if it is not set
    ///   - file: the text of a file, or nil if it cannot be read
    /// - Throws: ``HubError`` of the code `invalidSettings`
    package init(
        environment: @escaping (_ name: String) -> String?, file: (_ path: String) -> String?
    ) throws(HubError) {
        let variables = Variables(environment)
        let caches = variables["XDG_CACHE_HOME"] ?? environment("HOME").nonEmpty.map { "\($0)/.cache" }
        let root = variables["HF_HOME"] ?? caches.map { "\($0)/huggingface" }
        guard
            let cache = variables["HF_HUB_CACHE"] ?? variables["HUGGINGFACE_HUB_CACHE"] ?? root.map({ "\($0)/hub" })
        else {
            throw HubError(
                .invalidSettings, "HOME is not set, so that there is no place for models; set it, or HF_HOME")
        }
        self.cache = cache
        let address = variables["HF_ENDPOINT"] ?? "https://huggingface.co"
        guard let endpoint = HubURL(address), !endpoint.target.contains("?") else {
            // A user, a password or a query may be secrets.
            let shown = address.contains { "@?".contains($0) } ? "" : " is \(HubError.quoted(address)), which"
            throw HubError(
                .invalidSettings,
                "HF_ENDPOINT\(shown) is no address that is supported; it is like https://huggingface.co, without a user, a "
                    + "password or a query")
        }
        self.endpoint = endpoint
        proxies = ProxySettings(environment: environment)
        isOffline = Self.isTrue(variables["HF_HUB_OFFLINE"] ?? variables["TRANSFORMERS_OFFLINE"])
        usesLinks = !Self.isTrue(variables["HF_HUB_DISABLE_SYMLINKS"])
        if Self.isTrue(variables["HF_HUB_DISABLE_IMPLICIT_TOKEN"]) {
            token = nil
        } else if let text = environment("HF_TOKEN").nonEmpty ?? environment("HUGGING_FACE_HUB_TOKEN").nonEmpty,
            let token = try HubToken(text, from: "HF_TOKEN")
        {
            self.token = token
        } else {
            token = try (variables["HF_TOKEN_PATH"] ?? root.map { "\($0)/token" }).flatMap { path throws(HubError) in
                try file(path).flatMap { text throws(HubError) in try HubToken(text, from: path) }
            }
        }
        if let seconds = variables["HF_HUB_ETAG_TIMEOUT"].flatMap(Int.init), 1...86400 ~= seconds {
            limits.answerTimeout = .seconds(seconds)
        }
        if let seconds = variables["HF_HUB_DOWNLOAD_TIMEOUT"].flatMap(Int.init), 1...86400 ~= seconds {
            limits.stallPeriod = .seconds(seconds)
        }
    }

    /// Those of this process.
    ///
    /// - Throws: ``HubError`` of the code `invalidSettings`
    package static func ofProcess() throws(HubError) -> HubSettings {
        try HubSettings(
            environment: { name in getenv(name).map { String(cString: $0) } }, file: { CacheIO.text($0) })
    }

    /// Tells whether a variable of this process says yes.
    package static func isSet(_ name: String) -> Bool { isTrue(getenv(name).map { String(cString: $0) }) }

    /// As `_is_true`.
    private static func isTrue(_ value: String?) -> Bool {
        value.map { ["1", "ON", "YES", "TRUE"].contains($0.uppercased()) } ?? false
    }
}

/// A token that is sent to a Hub as `Authorization`, and shown to nobody.
package struct HubToken: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The token itself.
    let secret: String

    /// Nil for white space, which means that there is no token.
    ///
    /// - Parameter place: where the text is from, for messages
    package init?(_ text: String, from place: String) throws(HubError) {
        let bytes = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
        let ends = bytes.indices.filter { bytes[$0] != 0x20 && bytes[$0] != 0x09 }
        guard let first = ends.first, let last = ends.last else { return nil }
        let secret = bytes[first...last]
        guard secret.count <= 4096, secret.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HubError(
                .invalidSettings, "what \(place) holds is no token: tokens are letters and digits, like hf_…")
        }
        self.secret = String(decoding: secret, as: UTF8.self)
    }

    package var description: String { "hf_***" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Environment variables with `~` and `$NAME` in them resolved, as `os.path.expanduser` and `expandvars` do.
private struct Variables {
    let environment: (String) -> String?

    init(_ environment: @escaping (String) -> String?) { self.environment = environment }

    subscript(name: String) -> String? { environment(name).nonEmpty.map(expanded) }

    func expanded(_ text: String) -> String {
        var path = text
        if path == "~" || path.hasPrefix("~/"), let home = environment("HOME") { path = home + path.dropFirst() }
        var (result, rest) = ("", Substring(path))
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            let (name, length) = Self.name(rest.dropFirst())
            if let value = name.flatMap(environment) {
                result += value
            } else {
                result += rest.prefix(1 + length)
            }
            rest = rest.dropFirst(1 + length)
        }
        return result + rest
    }

    /// The name at the start of what is behind a `$`, bare or in braces, and the characters that it takes.
    private static func name(_ text: Substring) -> (String?, Int) {
        if text.first == "{" {
            guard let end = text.firstIndex(of: "}") else { return (nil, 0) }
            let name = text[..<end].dropFirst()
            return (String(name), name.count + 2)
        }
        let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        return (name.isEmpty ? nil : String(name), name.count)
    }
}

extension String? {
    /// The text, unless there is nothing in it.
    fileprivate var nonEmpty: String? { flatMap { $0.isEmpty ? nil : $0 } }
}
