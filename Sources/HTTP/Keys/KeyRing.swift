/// The keys that a server knows, none of them twice.
struct KeyRing: Sendable {
    let keys: [APIKey]

    /// - Throws: ``KeysError`` if two keys or two names are the same.
    init(_ keys: [APIKey]) throws(KeysError) {
        var names: Set<String> = []
        var owners: [KeyDigest: String] = [:]
        for key in keys {
            guard names.insert(key.name).inserted else {
                throw KeysError("two API keys have the name \(key.name); give each another one")
            }
            if let other = owners.updateValue(key.name, forKey: key.digest) {
                throw KeysError("the API keys \(other) and \(key.name) are the same key; leave one out")
            }
        }
        self.keys = keys
    }

    private init(unchecked keys: [APIKey]) { self.keys = keys }

    /// The same keys; what was used of those that there were before stays used.
    func goingOn(from former: KeyRing) -> KeyRing {
        let formerKeys = Dictionary(uniqueKeysWithValues: former.keys.map { ($0.digest, $0) })
        return KeyRing(unchecked: keys.map { key in formerKeys[key.digest].map(key.goingOn) ?? key })
    }

    /// The key that a client presents; nil if it is not known.
    ///
    /// Digests are compared, each with all of them and to their ends, so that the time tells nothing of a key.
    func key(presented: String) -> APIKey? {
        let digest = KeyDigest(of: presented)
        var place = 0
        for (index, key) in keys.enumerated() { place |= digest.mask(ifEqualTo: key.digest) & (index + 1) }
        return place == 0 ? nil : keys[place - 1]
    }
}
