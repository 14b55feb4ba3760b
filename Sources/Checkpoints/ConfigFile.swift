import PenstockJSON

/// A JSON object in a file, read by key with errors that name the file and the key.
package struct ConfigFile: Sendable {
    /// The path of the file.
    package let path: String
    private let object: JSONObject
    /// The way to a ``section(_:)``, with a dot at its end, which errors put before a key.
    private let place: String

    /// Sizes beyond this are mistakes; below it, a product of three does not overflow.
    private static let largestSize = (1 << 21) - 1

    /// Reads the file.
    package init(path: String) throws(CheckpointError) {
        let value = try CheckpointFile.json(path)
        guard let object = value.object else {
            throw CheckpointError(.malformedFile, file: path, "holds \(value.kind), not an object")
        }
        self.init(path: path, object: object, place: "")
    }

    private init(path: String, object: JSONObject, place: String) {
        (self.path, self.object, self.place) = (path, object, place)
    }

    /// The object at a key, as a part of this file; nil if there is none or null.
    package func section(_ key: String) throws(CheckpointError) -> ConfigFile? {
        guard let value = self[key] else { return nil }
        guard let object = value.object else { throw invalid(key, value, "an object") }
        return ConfigFile(path: path, object: object, place: "\(place)\(key).")
    }

    /// The entries of the object at a key; none if there is none or null.
    package func entries(of key: String) throws(CheckpointError) -> [JSONObject.Entry] {
        try section(key)?.object.entries ?? []
    }

    /// The keys, in their order.
    package var keys: [String] { object.entries.map(\.key) }

    /// Returns true if the key is there, also with null.
    package func has(_ key: String) -> Bool { object[key] != nil }

    /// The value of a key; null counts as absent.
    package subscript(key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// A size: an integer of at least `least`, and small enough that a product of three does not overflow.
    package func size(_ key: String, default fallback: Int? = nil, atLeast least: Int = 1) throws(CheckpointError)
        -> Int
    {
        guard let value = self[key] ?? fallback.map(JSONValue.integer) else { throw missing(key) }
        // 12.0 is none for upstream, either.
        guard case .integer(let size) = value, size >= least, size <= Self.largestSize else {
            throw invalid(key, value, "an integer from \(least) to \(Self.largestSize)")
        }
        return size
    }

    /// A size that is the most of something; what is infinite, no number, or beyond 1e20, as upstream writes it, sets no
    /// limit.
    package func limit(_ key: String, default fallback: Int) throws(CheckpointError) -> Int {
        switch self[key] {
        case nil: return fallback
        case .double(let number) where number >= 1e20 || number.isNaN: return .max
        case .integer(let number) where number > Self.largestSize: return .max
        default: return try size(key)
        }
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
        CheckpointError(
            .invalidConfiguration, file: path, "\(place)\(key) is \(Self.text(value)), but has to be \(expected)")
    }

    /// The error of a setting that would change the answers and is not supported.
    ///
    /// - Parameter remedy: what it stands for, and what can be done
    package func unsupported(_ key: String, _ remedy: String) -> CheckpointError {
        CheckpointError(
            .invalidConfiguration, file: path,
            "\(place)\(key) is \(Self.text(object[key] ?? .null)), which is not supported: \(remedy)")
    }

    /// Refuses other keys than these, as upstream does where a file's keys are the arguments of a call.
    package func requireKeys(_ known: [String]) throws(CheckpointError) {
        guard let key = keys.first(where: { !known.contains($0) }) else { return }
        throw CheckpointError(
            .invalidConfiguration, file: path,
            "unknown key \(place)\(Self.text(.string(key))); known are: \(known.joined(separator: ", "))")
    }

    /// Refuses the keys that have a value and are none of these.
    ///
    /// - Parameter remedy: what can be done
    package func refuseSettings(besides known: [String], _ remedy: String) throws(CheckpointError) {
        for key in keys where self[key] != nil && !known.contains(key) { throw unsupported(key, remedy) }
    }

    /// Refuses null for these keys, where upstream does not take it for absence.
    package func refuseNull(_ keys: [String]) throws(CheckpointError) {
        for key in keys where object[key]?.isNull == true {
            throw invalid(key, .null, "a value; leave the key out for its default")
        }
    }

    /// The value as an error message shows it.
    private static func text(_ value: JSONValue) -> String {
        var writer = JSONWriter()
        writer.value(writable(value))
        let (text, longest) = (writer.finish(), 80)
        return String(decoding: text.prefix(longest), as: UTF8.self) + (text.count > longest ? "…" : "")
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

    private func missing(_ key: String) -> CheckpointError {
        CheckpointError(.invalidConfiguration, file: path, "has no \(place)\(key)")
    }
}
