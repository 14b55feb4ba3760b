import PenstockJSON

/// A JSON object in a file, read by key with errors that name the file and the key.
package struct ConfigFile: Sendable {
    /// The path of the file.
    package let path: String
    private let object: JSONObject

    /// Sizes beyond this are mistakes; below it, a product of three does not overflow.
    private static let largestSize = (1 << 21) - 1

    /// Reads the file.
    package init(path: String) throws(CheckpointError) {
        self.path = path
        let value = try CheckpointFile.json(path)
        guard let object = value.object else {
            throw CheckpointError(.malformedFile, file: path, "holds \(value.kind), not an object")
        }
        self.object = object
    }

    /// The value of a key; null counts as absent.
    package subscript(key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// A size: an integer of at least `least`, and small enough that a product of three does not overflow.
    package func size(_ key: String, default fallback: Int? = nil, atLeast least: Int = 1) throws(CheckpointError)
        -> Int
    {
        guard let value = try value(key, fallback.map(JSONValue.integer)) else { throw missing(key) }
        guard let size = value.integer, size >= least, size <= Self.largestSize else {
            throw invalid(key, value, "an integer from \(least) to \(Self.largestSize)")
        }
        return size
    }

    /// A size that is the most of something; what is infinite or no number sets no limit.
    package func limit(_ key: String, default fallback: Int) throws(CheckpointError) -> Int {
        if case .double(let number) = self[key], number == .infinity || number.isNaN { return .max }
        return try size(key, default: fallback)
    }

    /// A finite number of at least 0.
    package func magnitude(_ key: String, default fallback: Double) throws(CheckpointError) -> Double {
        let value = self[key] ?? .double(fallback)
        guard let number = value.double, number >= 0, number.isFinite else {
            throw invalid(key, value, "a number of at least 0")
        }
        return number
    }

    /// A truth value.
    package func flag(_ key: String, default fallback: Bool) throws(CheckpointError) -> Bool {
        let value = self[key] ?? .bool(fallback)
        guard let flag = value.bool else { throw invalid(key, value, "true or false") }
        return flag
    }

    /// A string, or nil if there is none.
    package func string(_ key: String) throws(CheckpointError) -> String? {
        guard let value = self[key] else { return nil }
        guard let string = value.string else { throw invalid(key, value, "a string") }
        return string
    }

    /// The error of a value that this key cannot have.
    package func invalid(_ key: String, _ value: JSONValue, _ expected: String) -> CheckpointError {
        var writer = JSONWriter()
        writer.value(Self.writable(value))
        let text = String(decoding: writer.finish().prefix(80), as: UTF8.self)
        return CheckpointError(.invalidConfiguration, file: path, "\(key) is \(text), but has to be \(expected)")
    }

    /// The value, with the names of the numbers that JSON has no notation for.
    private static func writable(_ value: JSONValue) -> JSONValue {
        switch value {
        case .double(let number) where !number.isFinite: .string("\(number)")
        case .array(let elements): .array(elements.map(writable))
        case .object(let object): .object(JSONObject(object.entries.map { ($0.key, writable($0.value)) }))
        default: value
        }
    }

    private func value(_ key: String, _ fallback: JSONValue?) throws(CheckpointError) -> JSONValue? {
        self[key] ?? fallback
    }

    private func missing(_ key: String) -> CheckpointError {
        CheckpointError(.invalidConfiguration, file: path, "has no \(key)")
    }
}
