import Synchronization

/// The API keys of a server: those that it was started with, and those of a file, which can be read again.
package final class KeyStore: Sendable {
    private let given: [APIKey]
    /// True if there are keys of administrators at most, so that others need none.
    let isForAdministratorsOnly: Bool
    /// Reads those that can be read again.
    private let read: (@Sendable () throws(KeysError) -> [APIKey])?
    private let ring: Mutex<KeyRing>

    /// - Parameters:
    ///   - keys: keys as clients send them, which get the names `key-1`, `key-2`, …
    ///   - environment: a key from the environment, of the name `environment`
    ///   - administrator: a key of an administrator, of the name `admin`
    ///   - file: the path of a file of keys
    ///   - configured: reads keys that are elsewhere
    /// - Throws: ``KeysError`` for a key that cannot be one, two that are the same, and a file that cannot be read.
    package init(
        _ keys: [String], environment: String? = nil, administrator: String? = nil, file: String? = nil,
        configured: (@Sendable () throws(KeysError) -> [APIKey])? = nil
    ) throws(KeysError) {
        var given: [APIKey] = []
        for (index, key) in keys.enumerated() { given.append(try APIKey(name: "key-\(index + 1)", key: key)) }
        if let environment { given.append(try APIKey(name: "environment", key: environment)) }
        isForAdministratorsOnly = given.isEmpty && file == nil && configured == nil
        if let administrator { given.append(try APIKey(name: "admin", key: administrator, isAdministrator: true)) }
        self.given = given
        if file == nil, configured == nil {
            read = nil
        } else {
            read = { () throws(KeysError) in
                var keys: [APIKey] = []
                if let file { keys += try KeysFile.keys(at: file) }
                if let configured { keys += try configured() }
                return keys
            }
        }
        ring = Mutex(try KeyRing(given + (read?() ?? [])))
    }

    /// True if there is a file to read again.
    var hasFile: Bool { read != nil }

    /// Reads the file again. Keys that are not in it any more are not known from now on; if it cannot be read, all stay as
    /// they are.
    ///
    /// - Returns: how many keys there are.
    package func reload() throws(KeysError) -> Int {
        let ring = try KeyRing(given + (read?() ?? []))
        self.ring.withLock { $0 = ring.goingOn(from: $0) }
        return ring.keys.count
    }

    /// True if some key is that of an administrator.
    package var hasAdministrators: Bool { ring.withLock { $0.keys.contains { $0.rights.isAdministrator } } }

    /// The first of the presented keys that is known.
    package func key(presented: [String]) -> APIKey? {
        let ring = ring.withLock { $0 }
        return presented.lazy.compactMap { ring.key(presented: $0) }.first
    }
}
