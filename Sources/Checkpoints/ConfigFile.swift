import PenstockJSON

/// A JSON object in a file, read by key with errors that name the file and the key.
package struct ConfigFile: Sendable {
    /// The object: a file's document, or a part of it.
    private let root: JSONField<CheckpointError>

    /// Sizes beyond this are mistakes; below it, a product of three does not overflow.
    private static let largestSize = (1 << 21) - 1

    /// Reads the file.
    package init(path: String) throws(CheckpointError) {
        let document = try CheckpointFile.json(path)
        guard document.object != nil else {
            throw CheckpointError(.malformedFile, file: path, "holds \(document.kind), not an object")
        }
        root = JSONField(file: path, document: document)
    }

    /// What a file of this path says that is not there.
    init(absent path: String) { root = JSONField(file: path, document: .object(JSONObject())) }

    /// The settings of a file that is no JSON, as an object.
    init(path: String, object: JSONObject) { root = JSONField(file: path, document: .object(object)) }

    private init(section root: JSONField<CheckpointError>) throws(CheckpointError) {
        _ = try root.entries()
        self.root = root
    }

    /// The path of the file.
    package var path: String { root.file }

    /// The object at a key, as a part of this file; nil if there is none or null.
    package func section(_ key: String) throws(CheckpointError) -> ConfigFile? {
        try root[key].optional { (field) throws(CheckpointError) in try ConfigFile(section: field) }
    }

    /// The entries of the object at a key; none if there is none or null.
    package func entries(of key: String) throws(CheckpointError) -> [JSONObject.Entry] {
        try root[key].optional { (field) throws(CheckpointError) in try field.entries() } ?? []
    }

    /// The keys, in their order.
    package var keys: [String] { root.value?.object?.entries.map(\.key) ?? [] }

    /// Returns true if the key is there, also with null.
    package func has(_ key: String) -> Bool { root.has(key) }

    /// The value of a key; null counts as absent.
    package subscript(key: String) -> JSONValue? { root[key].value }

    /// A size: an integer of at least `least`, and small enough that a product of three does not overflow.
    package func size(_ key: String, default fallback: Int? = nil, atLeast least: Int = 1) throws(CheckpointError)
        -> Int
    {
        // 12.0 is none for upstream, either.
        try root[key].or(fallback.map(JSONValue.integer)).integer(in: least...Self.largestSize, asWritten: true)
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
        try root[key].or(.double(fallback)).number(atLeast: 0)
    }

    /// A truth value.
    package func flag(_ key: String, default fallback: Bool) throws(CheckpointError) -> Bool {
        try root[key].bool(default: fallback)
    }

    /// A string, or nil if there is none.
    package func string(_ key: String) throws(CheckpointError) -> String? {
        try root[key].optional { (field) throws(CheckpointError) in try field.string() }
    }

    /// The error of a value that this key cannot have.
    package func invalid(_ key: String, _ value: JSONValue, _ expected: String) -> CheckpointError {
        CheckpointError(root[key], is: value, butHasToBe: expected)
    }

    /// The error of a setting that would change the answers and is not supported.
    ///
    /// - Parameter remedy: what it stands for, and what can be done
    package func unsupported(_ key: String, _ remedy: String) -> CheckpointError {
        CheckpointError(
            .invalidConfiguration, file: path,
            "\(root.place(of: key)) is \((self[key] ?? .null).excerpt), which is not supported: \(remedy)")
    }

    /// Refuses other keys than these, as upstream does where a file's keys are the arguments of a call.
    package func requireKeys(_ known: [String]) throws(CheckpointError) {
        guard let key = keys.first(where: { !known.contains($0) }) else { return }
        throw CheckpointError(
            .invalidConfiguration, file: path,
            "unknown key \(root.place(of: JSONValue.string(key).excerpt)); known are: "
                + known.joined(separator: ", "))
    }

    /// Refuses the keys that have a value and are none of these.
    ///
    /// - Parameter remedy: what can be done
    package func refuseSettings(besides known: [String], _ remedy: String) throws(CheckpointError) {
        for key in keys where self[key] != nil && !known.contains(key) { throw unsupported(key, remedy) }
    }

    /// Refuses null for these keys, where upstream does not take it for absence.
    package func refuseNull(_ keys: [String]) throws(CheckpointError) {
        for key in keys where has(key) && self[key] == nil {
            throw invalid(key, .null, "a value; leave the key out for its default")
        }
    }
}
