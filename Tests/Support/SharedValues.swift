import Synchronization

/// Values that tests only read, such as parsed fixtures: each is made once and shared by all tests of the process.
package final class SharedValues<Value: Sendable>: Sendable {
    private let values = Mutex<[String: Value]>([:])

    /// None yet.
    package init() {}

    /// The value of a key, made by `make` if nobody has asked for it before.
    package func value(_ key: String, make: () throws -> Value) throws -> Value {
        try values.withLock { values in
            if let value = values[key] { return value }
            let value = try make()
            values[key] = value
            return value
        }
    }
}
