/// An address to listen on: a host and a port.
public struct ListenAddress: Hashable, Sendable {
    /// A name or an address, of IPv6 without brackets.
    public var host: String
    /// 0 for any that is free.
    public var port: Int

    /// An address; the brackets of one of IPv6 are taken off.
    public init(host: String, port: Int) {
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        (self.host, self.port) = (isBracketed ? String(host.dropFirst().dropLast()) : host, port)
    }

    /// Reads `HOST:PORT`, as `127.0.0.1:9000` or `[::1]:9000`; nil for anything else.
    public init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let (host, digits) = (text[..<colon], text.utf8[colon...].dropFirst())
        guard !host.isEmpty, (1...5).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = Int(Substring(digits)), port <= 65535
        else { return nil }
        guard host.hasPrefix("[") == host.hasSuffix("]"), host.hasPrefix("[") == host.utf8.contains(UInt8(ascii: ":"))
        else {
            return nil
        }
        self.init(host: String(host), port: port)
    }
}

extension ListenAddress: CustomStringConvertible {
    /// `HOST:PORT`.
    public var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
