import PenstockCheckpoints
import PenstockJSON

/// The names of the outputs of a classification head, by `id2label` of config.json.
struct LabelNames: Sendable {
    private let names: [String]
    private let entities: [(begins: Bool, tag: ArraySlice<UInt8>)]
    /// True if config.json has names for them, and they are not `LABEL_0` and so on for lack of any.
    let areNamed: Bool

    var count: Int { names.count }

    subscript(index: Int) -> String { names[index] }

    /// - Throws: `CheckpointError` if the names are not those of the labels 0, 1, ….
    init(_ config: ConfigFile) throws(CheckpointError) {
        let entries = config["id2label"]?.object?.entries ?? []
        let count = try config.labelCount()
        // As upstream, a num_labels that differs makes the names worthless.
        guard entries.count == count else {
            self.init((0..<count).map { "LABEL_\($0)" }, areNamed: false)
            return
        }
        var named: [Int: String] = [:]
        for entry in entries {
            guard let id = Int(entry.key), let name = entry.value.string else {
                throw config.invalid("id2label", .object(JSONObject(entries.map { ($0.key, $0.value) })), Self.expected)
            }
            named[id] = name
        }
        let names = (0..<count).compactMap { named[$0] }
        guard names.count == count else {
            throw config.invalid("id2label", .object(JSONObject(entries.map { ($0.key, $0.value) })), Self.expected)
        }
        self.init(names, areNamed: true)
    }

    private init(_ names: [String], areNamed: Bool) {
        (self.names, self.areNamed) = (names, areNamed)
        entities = names.map(Self.entity)
    }

    private static let expected = "an object with a name for each label from \"0\" on"

    /// The bytes of the longest name in JSON.
    var longestBytes: Int { names.reduce(0) { max($0, JSONWriter.quotedBytes($1)) } }

    // MARK: Entities

    /// Tells whether a label begins an entity, and the bytes of its kind: `B-PER` begins a PER, `I-PER` is in one.
    func entity(_ index: Int) -> (begins: Bool, tag: ArraySlice<UInt8>) { entities[index] }

    /// Returns what stands behind the first hyphen of a label, or all of it.
    func withoutPrefix(_ index: Int) -> String {
        let bytes = names[index].utf8
        return bytes.firstIndex(of: UInt8(ascii: "-")).map { String(decoding: bytes[$0...].dropFirst(), as: UTF8.self) }
            ?? names[index]
    }

    private static func entity(_ name: String) -> (begins: Bool, tag: ArraySlice<UInt8>) {
        let bytes = Array(name.utf8)
        let begins = bytes.starts(with: "B-".utf8)
        return (begins, begins || bytes.starts(with: "I-".utf8) ? bytes.dropFirst(2) : bytes[...])
    }
}
