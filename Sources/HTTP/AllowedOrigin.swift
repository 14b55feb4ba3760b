/// An origin whose pages may call the server from a browser.
public enum AllowedOrigin: Hashable, Sendable {
    /// Every origin.
    case any
    /// One origin, written as browsers do: `https://example.com`, `http://localhost:3000`.
    case origin(String)

    /// Reads `*` or an origin; nil for anything else, such as an address with a path.
    ///
    /// Letters become small ones, and the port that a scheme has anyhow is left out, since browsers do so.
    public init?(_ text: String) {
        guard text != "*" else {
            self = .any
            return
        }
        var origin = text.lowercased()
        let scheme = origin.utf8.prefix { $0 != UInt8(ascii: ":") }
        let rest = origin.utf8.dropFirst(scheme.count)
        guard let first = scheme.first, Self.isLetter(first), scheme.allSatisfy(Self.isInScheme),
            rest.starts(with: "://".utf8)
        else { return nil }
        let authority = rest.dropFirst(3)
        guard let start = authority.first, start != UInt8(ascii: ":"), authority.allSatisfy(Self.isInAuthority) else {
            return nil
        }
        for (scheme, port) in [("http://", ":80"), ("https://", ":443")]
        where origin.hasPrefix(scheme) && origin.hasSuffix(port) {
            origin.removeLast(port.count)
        }
        self = .origin(origin)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isInScheme(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "+-.".utf8.contains(byte)
    }

    private static func isInAuthority(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "-._~:[]".utf8.contains(byte)
    }
}
