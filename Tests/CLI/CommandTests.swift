import Foundation
import PenstockJSON
import PenstockTestSupport
import Testing

/// The binary as a user meets it.
@Suite(.blocking) struct CommandTests {
    private let checkpoint = Fixtures.checkpoint("bert-tiny")

    @Test func runAnswersTextsInTheirOrder() throws {
        let texts = (0..<100).map { String(repeating: "the ", count: $0 % 7) + "[MASK]" }
        let piped = try Command.run(["run", checkpoint], input: texts.joined(separator: "\n"))
        #expect(piped.status == 0)
        #expect(piped.lines.count == texts.count)
        let given = try Command.run(["run", checkpoint] + texts)
        #expect(given.output == piped.output)
        let asJSON = try Command.run(
            ["run", checkpoint, "--jsonl"], input: texts.map { "\"\($0)\"" }.joined(separator: "\n"))
        #expect(asJSON.output == piped.output)
    }

    @Test func runTakesTaskAndParameters() throws {
        let result = try Command.run(
            ["run", checkpoint, "--task", "fill-mask", "--parameters", #"{"top_k": 1}"#, "--threads", "1", "a [MASK]"])
        #expect(try JSONValue(parsing: result.output).array?.count == 1)
    }

    /// Prompts of the command line are those of requests.
    @Test func runTakesPrompts() throws {
        let model = Fixtures.checkpoint("st-mean")
        func answer(_ arguments: String...) throws -> [UInt8] {
            let result = try Command.run(["run", model, "the cat"] + arguments)
            #expect(result.status == 0, "\(result.errors)")
            return result.output
        }
        let expected = try answer("--parameters", #"{"prompt": "a b: "}"#)
        #expect(try answer("--prompt", "x=a b: ", "--parameters", #"{"prompt_name": "x"}"#) == expected)
        #expect(try answer("--prompt", "x=a b: ", "--default-prompt", "x") == expected)
        #expect(try answer("--prompt", "x=a b: ") != expected)
        let unknown = try Command.run(["run", model, "a", "--default-prompt", "y"])
        #expect(unknown.status == 1 && unknown.errors.contains("there is no prompt"))
        let other = try Command.run(["run", checkpoint, "a [MASK]", "--prompt", "x=a"])
        #expect(other.status == 1 && other.errors.contains("prompts"))
        #expect(try Command.run(["run", model, "a", "--prompt", "a"]).status == 2)
    }

    @Test func runSaysWhichLineItCannotAnswer() throws {
        let result = try Command.run(["run", checkpoint], input: "a [MASK]\nno mask\n\u{0}[MASK]\n")
        #expect(result.status == 1)
        #expect(result.lines.count == 3)
        let second = try JSONValue(parsing: result.lines[1].utf8)
        #expect(second["error"]?["code"]?.string == "invalid_inputs")
        #expect(try JSONValue(parsing: result.lines[2].utf8).array?.count == 5)
    }

    /// Each a line on standard error that names what is wrong, and the status.
    @Test(
        arguments: [
            (["run", "no/such/directory", "x"], 1, "no/such/directory: no such file or directory"),
            (["run", Fixtures.path("minilm"), "x"], 1, "config.json"),
            (["run", Fixtures.checkpoint("bert-tiny"), "--task", "translation", "x"], 2, "fill-mask"),
            (["run", Fixtures.checkpoint("bert-tiny"), "--task", "sentence-similarity", "x"], 1, "modules.json"),
            (["serve"], 2, "model"),
            (["serve", "x", "--port", "70000"], 2, "--port"),
            (["serve", "x", "--cors-allow-origin", "example.com"], 2, "--cors-allow-origin"),
            (["serve", "x", "--threads", "0"], 2, "--threads"),
            (["run", "x", "--parameters", "[", "y"], 2, "--parameters"),
            (["run", "x", "--parameters", "3", "y"], 2, "--parameters"),
            (["nonsense"], 2, "nonsense"),
            (["serv", "x"], 2, "did you mean serve?"),
            (["run", "x", "--dtype", "float23", "y"], 2, "did you mean float32?"),
            (["run", Fixtures.checkpoint("bert-tiny"), "--task", "fil-mask", "x"], 2, "did you mean fill-mask?"),
            (["serve", "x", "--request-log", "jsno"], 2, "did you mean json?"),
        ] as [([String], Int32, String)])
    func saysWhatIsWrong(arguments: [String], status: Int32, mention: String) throws {
        let result = try Command.run(arguments)
        #expect(result.status == status)
        #expect(result.errors.contains(mention))
        #expect(!result.errors.contains("Fatal"))
        #expect(result.output.isEmpty)
        if status == 1 { #expect(result.errors.split(separator: "\n").count == 1) }
    }

    /// The port is open before the model is there, so the log comes first.
    @Test func aServerWithoutAModelEnds() throws {
        let result = try Command.run(["serve", "no/such/directory", "--port", "0"])
        let lines = result.errors.split(separator: "\n")
        #expect(result.status == 1 && lines.last == "penstock: no/such/directory: no such file or directory")
        #expect(lines.dropLast().allSatisfy { $0.contains(" info ") }, "\(result.errors)")
    }

    @Test func anUnsupportedModelIsToldWhatIsSupported() throws {
        let directory = try TemporaryDirectory(copyOf: checkpoint)
        try directory.write("config.json", #"{"model_type": "gpt9", "architectures": ["Gpt9ForMaskedLM"]}"#.utf8)
        let result = try Command.run(["run", directory.path, "x"])
        #expect(result.status == 1)
        #expect(result.errors.contains("gpt9") && result.errors.contains("supported are: bert"))
    }

    @Test func helpAndVersionSucceed() throws {
        for arguments in [["--help"], ["--version"], ["serve", "--help"], ["help", "run"]] {
            let result = try Command.run(arguments)
            #expect(result.status == 0)
            #expect(!result.output.isEmpty)
        }
    }

    @Test func helpTellsTheOptionsOfEachTask() throws {
        let help = String(decoding: try Command.run(["help", "run"]).output, as: UTF8.self)
        for part in ["fill-mask:", "top_k: ", "token-classification, ner:", "aggregation_strategy: ", "max_length: "] {
            #expect(help.contains(part), "\(part)")
        }
    }
}
