import PenstockCheckpoints
import PenstockJSON
import PenstockTestSupport
import Testing

@Suite struct ConfigFileTests {
    /// Python writes such numbers. As a limit they mean none; where they make no sense, the error shows them.
    @Test func numbersThatAreNotFinite() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.json", "\u{FEFF}{\"a\": Infinity, \"b\": NaN, \"c\": -Infinity, \"d\": [1, NaN]}".utf8)
        let config = try ConfigFile(path: "\(directory.path)/a.json")
        #expect(try config.limit("a", default: 7) == .max && config.limit("b", default: 7) == .max)
        #expect(try config.limit("none", default: 7) == 7)
        let size = #expect(throws: CheckpointError.self) { try config.limit("c", default: 7) }
        #expect(size?.message.hasPrefix(#"c is "-inf", but has to be an integer"#) == true)
        let magnitude = #expect(throws: CheckpointError.self) { try config.magnitude("a", default: 1) }
        #expect(magnitude?.message.hasPrefix(#"a is "inf", but has to be a number"#) == true)
        #expect(throws: CheckpointError.self) { try config.flag("d", default: true) }
    }

    private static func config(_ text: String) throws -> (ConfigFile, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        try directory.write("config.json", text.utf8)
        return (try ConfigFile(path: "\(directory.path)/config.json"), directory)
    }

    @Test(arguments: [
        ("[]", "holds an array, not an object"), ("null", "holds null, not an object"),
        ("7", "holds a number, not an object"),
        ("{", "is not JSON: expected a key at byte 1"), ("{\"a\":nan}", "is not JSON: expected a value at byte 5"),
        ("\u{FEFF}{]", "is not JSON: expected a key at byte 4"), ("", "is empty"),
    ])
    func noObject(text: String, message: String) throws {
        let error = #expect(throws: CheckpointError.self) { try Self.config(text) }
        #expect(error?.code == .malformedFile && error?.message == message)
        #expect(error?.file.hasSuffix("/config.json") == true)
    }

    @Test func values() throws {
        let (config, _) = try Self.config(
            #"{"n":12,"x":1e-12,"f":true,"s":"gelu","z":0,"no":null,"max":2097151}"#)
        #expect(try config.size("n") == 12 && config.size("z", atLeast: 0) == 0)
        #expect(try config.size("none", default: 7) == 7 && config.size("no", default: 7) == 7)
        #expect(try config.size("max") == 2_097_151)
        #expect(try config.magnitude("x", default: 1) == 1e-12 && config.magnitude("no", default: 1) == 1)
        #expect(try config.magnitude("n", default: 1) == 12 && config.magnitude("z", default: 1) == 0)
        #expect(try config.flag("f", default: false) && !config.flag("no", default: false))
        #expect(try config.string("s") == "gelu" && config.string("no") == nil && config.string("none") == nil)
        #expect(config["no"] == nil && config["n"] == .integer(12))
    }

    /// How a key is read.
    enum Reader: Sendable {
        case size, magnitude, flag, string

        func read(_ config: ConfigFile) throws(CheckpointError) {
            switch self {
            case .size: _ = try config.size("key")
            case .magnitude: _ = try config.magnitude("key", default: 0)
            case .flag: _ = try config.flag("key", default: false)
            case .string: _ = try config.string("key")
            }
        }
    }

    static let faults: [(reader: Reader, value: String, message: String)] = [
        (.size, "null", "has no key"),
        (.size, "0", "key is 0, but has to be an integer from 1 to 2097151"),
        (.size, "-1", "key is -1, but has to be an integer from 1 to 2097151"),
        (.size, "2097152", "key is 2097152, but has to be an integer from 1 to 2097151"),
        (.size, "9223372036854775807", "key is 9223372036854775807, but has to be an integer from 1 to 2097151"),
        (.size, "1e300", "key is 1e+300, but has to be an integer from 1 to 2097151"),
        (.size, "12.0", "key is 12.0, but has to be an integer from 1 to 2097151"),
        (.size, "1.5", "key is 1.5, but has to be an integer from 1 to 2097151"),
        (.size, "\"12\"", "key is \"12\", but has to be an integer from 1 to 2097151"),
        (.size, "[1]", "key is [1], but has to be an integer from 1 to 2097151"),
        (.size, "true", "key is true, but has to be an integer from 1 to 2097151"),
        (.magnitude, "-1e-9", "key is -1e-09, but has to be a number of at least 0"),
        (.magnitude, "\"0\"", "key is \"0\", but has to be a number of at least 0"),
        (.flag, "1", "key is 1, but has to be true or false"),
        (.flag, "\"true\"", "key is \"true\", but has to be true or false"),
        (.string, "7", "key is 7, but has to be a string"),
        (.string, "{\"a\":[]}", "key is {\"a\":[]}, but has to be a string"),
    ]

    @Test(arguments: faults)
    func faultsNameTheKey(reader: Reader, value: String, message: String) throws {
        let (config, directory) = try Self.config(#"{"key":\#(value)}"#)
        let error = #expect(throws: CheckpointError.self) { try reader.read(config) }
        #expect(error?.description == "\(directory.path)/config.json: \(message)")
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func longValuesAreCut() throws {
        let (config, _) = try Self.config(#"{"key":"\#(String(repeating: "é", count: 100_000))"}"#)
        let error = #expect(throws: CheckpointError.self) { try config.size("key") }
        #expect((error?.message.utf8.count ?? .max) < 200)
    }

    // MARK: Keys

    @Test func sectionsNameTheirPlace() throws {
        let (config, _) = try Self.config(#"{"a":{"b":{"c":1}},"list":[],"no":null}"#)
        let section = try #require(try config.section("a")?.section("b"))
        #expect(try section.size("c") == 1 && section.keys == ["c"] && section.has("c") && !section.has("b"))
        #expect(try config.section("no") == nil && config.section("none") == nil && config.has("no"))
        let error = #expect(throws: CheckpointError.self) { try section.flag("c", default: false) }
        #expect(error?.message == "a.b.c is 1, but has to be true or false")
        #expect(throws: CheckpointError.self) { try config.section("list") }
    }

    @Test func keysThatAreNone() throws {
        let (config, _) = try Self.config(#"{"a":{"x":1,"no":null}}"#)
        let section = try #require(try config.section("a"))
        try section.requireKeys(["no", "x", "y"])
        let unknown = #expect(throws: CheckpointError.self) { try section.requireKeys(["no", "y"]) }
        #expect(unknown?.message == #"unknown key a."x"; known are: no, y"#)
        try section.refuseNull(["x", "y"])
        let null = #expect(throws: CheckpointError.self) { try section.refuseNull(["x", "no"]) }
        #expect(null?.message == "a.no is null, but has to be a value; leave the key out for its default")
        #expect(section.unsupported("x", "drop it").message == "a.x is 1, which is not supported: drop it")
    }

    @Test(arguments: [("7", 7), ("Infinity", .max), ("NaN", .max), ("1e30", .max), ("null", 5)])
    func limits(value: String, limit: Int) throws {
        let (config, _) = try Self.config(#"{"key":\#(value)}"#)
        #expect(try config.limit("key", default: 5) == limit)
    }
}
