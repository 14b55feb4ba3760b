import Synchronization

/// The API keys of a server: those that it was started with, and those of a file, which can be read again.
package final class KeyStore: Sendable {
    private let given: [APIKey]
    private let file: String?
    private let ring: Mutex<KeyRing>

    /// - Parameters:
    ///   - keys: keys as clients send them, which get the names `key-1`, `key-2`, …
    ///   - environment: a key from the environment, of the name `environment`
    ///   - file: the path of a file of keys
    /// - Throws: ``KeysError`` for a key that cannot be one, two that are the same, and a file that cannot be read.
    package init(_ keys: [String], environment: String? = nil, file: String? = nil) throws(KeysError) {
        var given: [APIKey] = []
        for (index, key) in keys.enumerated() { given.append(try APIKey(name: "key-\(index + 1)", key: key)) }
        if let environment { given.append(try APIKey(name: "environment", key: environment)) }
        (self.given, self.file) = (given, file)
        ring = Mutex(try KeyRing(given + (file.map(KeysFile.keys) ?? [])))
    }

    /// Whether there is a file to read again.
    var hasFile: Bool { file != nil }

    /// Reads the file again. Keys that are not in it any more are not known from now on; if it cannot be read, all stay as
    /// they are.
    ///
    /// - Returns: how many keys there are.
    package func reload() throws(KeysError) -> Int {
        let ring = try KeyRing(given + (file.map(KeysFile.keys) ?? []))
        self.ring.withLock { $0 = ring.goingOn(from: $0) }
        return ring.keys.count
    }

    /// The first of the presented keys that is known.
    package func key(presented: [String]) -> APIKey? {
        let ring = ring.withLock { $0 }
        return presented.lazy.compactMap { ring.key(presented: $0) }.first
    }
}
