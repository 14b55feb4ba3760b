/// A key by which clients are known: its name, which logs may tell, and its digest.
package struct APIKey: Sendable {
    package let name: String
    let digest: KeyDigest

    /// Bytes of the longest key and of the longest name.
    static let longest = (key: 1024, name: 64)

    init(name: String, digest: KeyDigest) { (self.name, self.digest) = (name, digest) }

    /// - Throws: ``KeysError`` for what cannot be sent in a header field, is empty, or longer than 1,024 bytes.
    init(name: String, key: String) throws(KeysError) {
        try Self.check(key)
        self.init(name: name, digest: KeyDigest(of: key))
    }

    private static func check(_ key: String) throws(KeysError) {
        guard !key.isEmpty else { throw KeysError("the API key is empty") }
        guard key.utf8.count <= longest.key, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw KeysError("an API key has up to \(longest.key) letters, digits and signs of ASCII, and no spaces")
        }
    }

    /// Whether a text can be the name of a key: up to 64 letters, digits, `.`, `_` and `-`.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= longest.name
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "._-".utf8.contains(byte)
                }
            }
    }
}

/// Why API keys cannot be used. Quotes no key.
package struct KeysError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
