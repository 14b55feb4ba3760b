import PenstockServing

/// A key by which clients are known: its name, which logs may tell, its digest, and what its owner may do.
package struct APIKey: Sendable {
    package let name: String
    let digest: KeyDigest
    let rights: KeyRights
    private let account: CallerAccount

    /// Bytes of the longest key and of the longest name.
    static let longest = (key: 1024, name: 64)

    init(name: String, digest: KeyDigest, _ rights: KeyRights = KeyRights()) {
        self.init(name: name, digest: digest, rights, CallerAccount(rights.limits))
    }

    private init(name: String, digest: KeyDigest, _ rights: KeyRights, _ account: CallerAccount) {
        (self.name, self.digest, self.rights, self.account) = (name, digest, rights, account)
    }

    /// - Throws: ``KeysError`` for what cannot be sent in a header field, is empty, or longer than 1,024 bytes.
    init(name: String, key: String, isAdministrator: Bool = false) throws(KeysError) {
        var rights = KeyRights()
        rights.isAdministrator = isAdministrator
        self.init(name: name, digest: try Self.digest(of: key), rights)
    }

    /// - Throws: as ``init(name:key:)``
    static func digest(of key: String) throws(KeysError) -> KeyDigest {
        guard !key.isEmpty else { throw KeysError("the API key is empty") }
        guard key.utf8.count <= longest.key, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw KeysError("an API key has up to \(longest.key) letters, digits and signs of ASCII, and no spaces")
        }
        return KeyDigest(of: key)
    }

    /// On whose behalf requests with this key come.
    package var caller: Caller {
        Caller(in: Flow(.key(name), weight: rights.weight), models: rights.models, account: account)
    }

    /// The same key with what was used of it before.
    func goingOn(from former: APIKey) -> APIKey {
        former.account.change(to: rights.limits)
        return APIKey(name: name, digest: digest, rights, former.account)
    }

    /// Tells whether a text can be the name of a key: up to 64 letters, digits, `.`, `_` and `-`.
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

/// An error that says why API keys cannot be used. It quotes no key.
package struct KeysError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
