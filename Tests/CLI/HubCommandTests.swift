import Foundation
import PenstockJSON
import PenstockTestSupport
import Testing

/// Models of a cache, as Python leaves it, without a network.
@Suite(.blocking) struct HubCommandTests {
    private let cache: CachedCheckpoint
    private let commit = CachedCheckpoint.commit
    private var environment: [String: String] { ["HF_HUB_CACHE": cache.path] }

    /// A cache with the model `org/tiny`.
    init() throws { cache = try CachedCheckpoint("org/tiny", of: "bert-tiny") }

    private func run(_ arguments: [String]) throws -> Command {
        try Command.run(arguments, environment: environment)
    }

    @Test func modelsByTheirIDs() throws {
        let direct = try run(["run", Fixtures.checkpoint("bert-tiny"), "a [MASK]"])
        for name in ["org/tiny", "org/tiny@main", "org/tiny@\(commit)"] {
            let result = try run(["run", name, "a [MASK]"])
            #expect(result.status == 0)
            #expect(result.output == direct.output)
            #expect(result.errors.isEmpty)
        }
        #expect(try run(["tokenize", "org/tiny", "--json", "a"]).status == 0)
        #expect(try run(["pull", "org/tiny"]).lines == ["\(cache.path)/models--org--tiny/snapshots/\(commit)"])
    }

    @Test(
        arguments: [
            (["run", "org/other", "x"], 1, "HF_HUB_OFFLINE"), (["pull", "org/tiny@v2"], 1, "but: main"),
            (["run", "or--g/tiny", "x"], 2, "repository id"), (["remove", "org/other"], 1, "penstock list"),
            (["run", "org/tiyn", "x"], 1, "did you mean org/tiny?"),
            (["remove", "org/tin"], 1, "did you mean org/tiny?"),
            (["remove", "org/tiny@v2"], 1, "but: main"), (["pull"], 2, "models"),
            (["serve", "org/a", "org/a"], 2, "NAME="),
        ] as [([String], Int32, String)])
    func saysWhatIsWrong(arguments: [String], status: Int32, mention: String) throws {
        let result = try run(arguments)
        #expect(result.status == status)
        #expect(result.errors.contains(mention))
        #expect(result.output.isEmpty)
        if status == 1 { #expect(result.errors.split(separator: "\n").count == 1) }
    }

    @Test(arguments: [
        ["HF_ENDPOINT": "nonsense"], ["HF_TOKEN": "no token"], ["http_proxy": "ftp://proxy", "no_proxy": ""],
        ["HOME": "", "HF_HOME": "", "HF_HUB_CACHE": "", "HUGGINGFACE_HUB_CACHE": "", "XDG_CACHE_HOME": ""],
    ])
    func whatIsWrongInTheEnvironmentIsStatusTwo(variables: [String: String]) throws {
        // Nothing is asked at this address.
        let defaults = environment.merging(["HF_ENDPOINT": "http://127.0.0.1:1", "HF_HUB_OFFLINE": "0"]) { $1 }
        let result = try Command.run(["pull", "org/other"], environment: defaults.merging(variables) { $1 })
        #expect(result.status == 2 && result.output.isEmpty, "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }

    /// A server of several models that has none of them says why at its end.
    @Test func serversWithoutAnyModel() throws {
        let result = try run(["serve", "org/a", "org/b", "--port", "0"])
        #expect(result.status == 1)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.first?.contains("listening on") == true)
        #expect(lines.last?.hasPrefix("penstock: HF_HUB_OFFLINE is set") == true)
    }

    @Test func listing() throws {
        let table = try run(["list"])
        #expect(table.lines.count == 2)
        #expect(table.lines.last?.hasPrefix("org/tiny  main") == true)
        #expect(table.lines.last?.contains("fill-mask") == true)
        let row = try JSONValue(parsing: try run(["list", "--json"]).output)
        #expect(row["id"]?.string == "org/tiny")
        #expect(row["commit"]?.string == commit)
        #expect(row["revisions"]?.array?.compactMap(\.string) == ["main"])
        #expect(row["task"]?.string == "fill-mask")
        #expect(row["bytes"]?.integer ?? 0 > 1000)
    }

    @Test func aCacheThatIsNoneIsNotEmpty() throws {
        let directory = try TemporaryDirectory()
        try directory.write("file", "".utf8)
        for arguments in [["list"], ["list", "--json"]] {
            for place in ["file", "file/hub"] {
                let result = try Command.run(arguments, environment: ["HF_HUB_CACHE": "\(directory.path)/\(place)"])
                #expect(result.status == 1 && result.output.isEmpty)
                #expect(result.errors.contains("no folder") && result.errors.split(separator: "\n").count == 1)
            }
            let absent = try Command.run(arguments, environment: ["HF_HUB_CACHE": "\(directory.path)/hub"])
            #expect(absent.status == 0 && absent.errors.isEmpty)
        }
    }

    @Test func removal() throws {
        let repository = "\(cache.path)/models--org--tiny"
        let dry = try run(["remove", "org/tiny@main", "--dry-run"])
        #expect(dry.lines.first == repository)
        #expect(FileManager.default.fileExists(atPath: repository))
        let result = try run(["remove", "org/tiny"])
        #expect(result.status == 0)
        #expect(!FileManager.default.fileExists(atPath: repository))
        #expect(try run(["list"]).lines.count == 1)
        #expect(try run(["list", "--json"]).output.isEmpty)
    }
}
