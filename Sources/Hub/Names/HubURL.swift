/// An absolute `http` or `https` URL, in the few forms that requests need.
///
/// It is stricter than RFC 3986, so that no other reader can find another host in its text: no user, no fragment, no
/// characters beyond ASCII; a host is of letters, digits, `.`, `-` and `_`, or an address of IPv6 in brackets.
package struct HubURL: Sendable, Hashable, CustomStringConvertible {
    /// The server that requests go to; a token is sent to one of them only.
    package struct Origin: Sendable, Hashable, CustomStringConvertible {
        /// True if connections are encrypted.
        package let isSecure: Bool
        /// The host in lower case.
        package let host: String
        /// The port, also if it is the usual one.
        package let port: Int

        package var description: String {
            let scheme = isSecure ? "https" : "http"
            return port == (isSecure ? 443 : 80) ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)"
        }
    }

    /// Scheme, host and port.
    package let origin: Origin
    /// Path and query; begins with a slash.
    package let target: String

    private static let longest = 8192

    init(origin: Origin, target: String) { (self.origin, self.target) = (origin, target) }

    /// Nil for what is no such URL.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.longest, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }) else {
            return nil
        }
        let lower = text.lowercased()
        let isSecure = lower.hasPrefix("https://")
        guard isSecure || lower.hasPrefix("http://") else { return nil }
        let rest = text.utf8.dropFirst(isSecure ? 8 : 7)
        let end = rest.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        guard let origin = Self.origin(String(decoding: rest[..<end], as: UTF8.self), isSecure: isSecure) else {
            return nil
        }
        self.origin = origin
        let tail = String(decoding: rest[end...].prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
        target = tail.hasPrefix("/") ? tail : "/" + tail
    }

    package var description: String { "\(origin)\(target)" }

    /// The path without its query, for messages: queries of signed URLs are secrets.
    package var withoutQuery: String {
        "\(origin)\(String(decoding: target.utf8.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self))"
    }

    /// The URL that a `Location` names, seen from this one; nil if it names none.
    package func resolving(_ location: String) -> HubURL? {
        if location.hasPrefix("//") { return HubURL((origin.isSecure ? "https:" : "http:") + location) }
        if location.hasPrefix("/") { return HubURL("\(origin)\(location)") }
        if location.utf8.prefix(while: { !"/?#".utf8.contains($0) }).contains(UInt8(ascii: ":")) {
            return HubURL(location)
        }
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") }
        if location.hasPrefix("?") { return HubURL("\(origin)\(String(decoding: path, as: UTF8.self))\(location)") }
        let folder = path.lastIndex(of: UInt8(ascii: "/")).map { path[...$0] } ?? path[...]
        return HubURL("\(origin)\(String(decoding: folder, as: UTF8.self))\(location)")
    }

    /// The URL with parts behind its path, each escaped.
    package func appending(_ path: String) -> HubURL {
        let base = target.hasSuffix("/") ? String(target.dropLast()) : target
        return HubURL(origin: origin, target: "\(base)/\(path)")
    }

    /// A text with all bytes escaped but letters, digits, `-`, `.`, `_`, `~`, and slashes if they are kept.
    package static func escaped(_ text: String, keepingSlashes: Bool = false) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || "-._~".utf8.contains(byte) || keepingSlashes && byte == UInt8(ascii: "/")
            if isPlain { bytes.append(byte) } else { bytes += Array("%\(Hexadecimal.text([byte]).uppercased())".utf8) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A text with its escapes resolved; nil if one is none, or the bytes are no UTF-8.
    static func unescaped(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, digits.first != "+", let value = UInt8(digits, radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func origin(_ authority: String, isSecure: Bool) -> Origin? {
        var (host, port) = (authority.lowercased(), isSecure ? 443 : 80)
        let bracket = host.lastIndex(of: "]")
        if let colon = host.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
            let digits = host[host.index(after: colon)...]
            guard let number = Int(digits), digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
                1...65535 ~= number
            else { return nil }
            port = number
            host = String(host[..<colon])
        }
        return isHost(host) ? Origin(isSecure: isSecure, host: host, port: port) : nil
    }

    private static func isHost(_ host: String) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = host.utf8.dropFirst().dropLast()
            return !address.isEmpty
                && address.allSatisfy { "0123456789abcdef:.".utf8.contains($0) }
        }
        return !host.isEmpty && host.utf8.count <= 255
            && host.utf8.allSatisfy {
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || ".-_".utf8.contains($0)
            }
    }
}
