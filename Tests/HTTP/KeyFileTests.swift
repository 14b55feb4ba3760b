import PenstockHTTP
import PenstockTestSupport
import Testing

/// A file of keys that a test writes and writes again.
struct KeyFile {
    private let directory: TemporaryDirectory

    init(_ text: String) throws {
        directory = try TemporaryDirectory()
        try write(text)
    }

    var path: String { "\(directory.path)/keys" }

    /// The keys in it.
    func store() throws -> KeyStore {
        defer { withExtendedLifetime(directory) {} }
        return try KeyStore([], file: path)
    }

    func write(_ text: String) throws { try write(text.utf8) }

    func write(_ bytes: some Sequence<UInt8>) throws { try directory.write("keys", bytes) }
}

@Suite struct KeyFileTests {
    /// The names of the keys that a file of this text makes known, of those that are presented.
    private static func names(_ text: String, presented: String...) throws -> [String?] {
        let file = try KeyFile(text)
        let store = try file.store()
        return presented.map { store.name(presented: $0) }
    }

    @Test func linesAreKeysOrNamesAndKeys() throws {
        let text = "# ours\nfirst-key\r\n\n  search\tsecond-key  \nlast=="
        #expect(
            try Self.names(text, presented: "first-key", "second-key", "last==", "search", "# ours", "")
                == ["line-2", "search", "line-5", nil, nil, nil])
    }

    @Test func jsonHasKeysOrTheirDigests() throws {
        let digest = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"
        let text = #" {"keys": [{"name": "a", "key": "one"}, {"name": "b", "key_sha256": "\#(digest)"}]}"#
        #expect(try Self.names(text, presented: "one", "key", digest) == ["a", "b", nil])
    }

    @Test(arguments: [
        ("", "has no key"), ("# nothing\n", "has no key"), ("a b c", "line 1: a line is KEY or NAME KEY"),
        ("ok\nkéy", "line 2: an API key has up to 1024"), ("a/b key", "line 1: the name of a key"),
        ("same\nsame", "the API keys line-1 and line-2 are the same key"), ("a x\na y", "two API keys have the name a"),
        ("{", "is not JSON"), (#"{"key": []}"#, "key: is not known; known are keys"),
        (#"{"keys": {}}"#, "keys: has to be an array"),
        (#"{"keys": []}"#, "has no key"), (#"{"keys": [{"key": "x"}]}"#, "keys[0].name: has to be a string"),
        (#"{"keys": [{"name": "a"}]}"#, #"keys[0]: has to have either "key" or "key_sha256""#),
        (#"{"keys": [{"name": "a", "key": "x", "key_sha256": "y"}]}"#, #"either "key" or "key_sha256""#),
        (#"{"keys": [{"name": "a", "key_sha256": "12"}]}"#, "keys[0].key_sha256: has to be 64 hexadecimal digits"),
        (#"{"keys": [{"name": "a", "key": 7}]}"#, "keys[0].key: has to be a string"),
        (#"{"keys": [{"name": "a", "key": "x", "wieght": 7}]}"#, "keys[0].wieght: is not known"),
        (#"{"keys": [{"name": "a", "key": "x", "key": "x"}]}"#, "keys[0].key: is there twice"),
        (#"{"keys": [{"name": "", "key": "x"}]}"#, "keys[0]: the name of a key"),
    ])
    func whatIsWrongIsToldWithItsPlaceAndWithoutTheKey(text: String, message: String) throws {
        let file = try KeyFile(text)
        let error = #expect(throws: KeysError.self) { try file.store() }
        let description = try #require(error).description
        #expect(description.contains(message), "\(description)")
        #expect(!description.contains("kéy"))
    }

    @Test func aFileThatIsMissingOrNoTextIsAnError() throws {
        #expect(throws: KeysError.self) { try KeyStore([], file: "/nonexistent/keys") }
        #expect(throws: KeysError.self) { try KeyStore([], file: "/") }
        let file = try KeyFile("")
        try file.write([0xFF, 0xFE] as [UInt8])
        #expect(throws: KeysError.self) { try file.store() }
    }

    @Test func aFileThatIsReadAgainCountsUnlessItIsBroken() throws {
        let file = try KeyFile("old\nboth")
        let store = try KeyStore(["given"], environment: "variable", file: file.path)
        try file.write("new\nboth")
        #expect(store.name(presented: "new") == nil)
        #expect(try store.reload() == 4)
        for (key, name) in [
            ("old", nil), ("new", "line-1"), ("both", "line-2"), ("given", "key-1"), ("variable", "environment"),
        ] {
            #expect(store.name(presented: key) == name, "\(key)")
        }
        for text in ["", "{", "given"] {
            try file.write(text)
            #expect(throws: KeysError.self) { try store.reload() }
            #expect(store.name(presented: "new") == "line-1")
        }
    }

    @Test(arguments: ["", "two words", "kéy", "tab\t", String(repeating: "k", count: 1025)])
    func aKeyThatNoHeaderCanCarryIsRefused(key: String) {
        #expect(throws: KeysError.self) { try KeyStore([key]) }
        #expect(throws: KeysError.self) { try KeyStore([], environment: key) }
    }
}

extension KeyStore {
    func name(presented key: String) -> String? { self.key(presented: [key])?.name }
}
