import Foundation
import PenstockJSON
import PenstockTestSupport
import Testing

/// Standard streams that fail, end early or take more than others.
@Suite(.blocking) struct StandardStreamTests {
    private static let run = ["run", Fixtures.checkpoint("bert-tiny")]
    private static let tokenize = ["tokenize", Fixtures.path("tokenizer-families/bert")]

    @Test(arguments: [run, tokenize, ["--version"], ["help", "run"]])
    func aFullDiskIsOneLineAndStatus1(arguments: [String]) throws {
        let result = try Command.run(
            arguments.contains("help") || arguments.contains("--version") ? arguments : arguments + ["a [MASK]"],
            redirected: "> /dev/full")
        #expect(result.status == 1)
        #expect(result.errors == "penstock: cannot write to standard output: No space left on device\n")
    }

    /// The reader of standard input waits for lines that never come, the writer has failed.
    @Test func aFailureOfOutputDoesNotWaitForInput() throws {
        let input = Pipe()
        try input.fileHandleForWriting.write(contentsOf: Data("a [MASK]\n".utf8))
        let result = try Command.run(Self.run, redirected: "> /dev/full", standardInput: input)
        #expect(result.status == 1 && result.errors.contains("No space left on device"))
        try input.fileHandleForWriting.close()
    }

    @Test(arguments: [run, tokenize]) func aReaderThatLeavesEndsTheCommandQuietly(arguments: [String]) throws {
        let lines = String(repeating: "a [MASK]\n", count: 20_000)
        let result = try Command.run(
            arguments, input: lines, redirected: "| head -n 1; echo ${PIPESTATUS[0]}")
        #expect(result.lines.count == 2 && result.lines.last == "141")
        #expect(result.errors.isEmpty)
    }

    @Test(arguments: [
        (run, "<&-", "cannot read standard input: Bad file descriptor"),
        (tokenize, "<&-", "cannot read standard input: Bad file descriptor"),
        (run, "< /", "cannot read standard input: Is a directory"),
        (tokenize, "< /", "cannot read standard input: Is a directory"),
        (run + ["a [MASK]"], ">&-", "cannot write to standard output: Bad file descriptor"),
    ])
    func aStreamOfNoUseIsOneLineAndStatus1(arguments: [String], redirection: String, message: String) throws {
        let result = try Command.run(arguments, redirected: redirection)
        #expect(result.status == 1)
        #expect(result.errors == "penstock: \(message)\n")
        #expect(result.output.isEmpty)
    }

    @Test func aLineIsAnsweredBeforeTheNextIsThere() throws {
        let (process, input, output) = (Process(), Pipe(), Pipe())
        process.executableURL = Command.executable
        process.arguments = Self.tokenize + ["--json"]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        for text in ["a", "b", "c"] {
            try input.fileHandleForWriting.write(contentsOf: Data("\(text)\n".utf8))
            let answer = output.fileHandleForReading.availableData
            #expect(try JSONValue(parsing: answer.dropLast())["tokens"]?.array?[1].string == text)
        }
        try input.fileHandleForWriting.close()
        process.waitForEnd()
        #expect(process.terminationStatus == 0)
    }

    /// Lines whose ends fall anywhere in what is read at one time.
    @Test func linesOfAllLengthsComeInTheirOrder() throws {
        var random = SeededGenerator(seed: 5)
        let lines =
            (0..<3000).map { _ in
                String(
                    repeating: "x", count: Int.random(in: 0...(Bool.random(using: &random) ? 3 : 300), using: &random))
            } + [String(repeating: "y", count: 200_000)]
        let end = ["\n", "\r\n"]
        let input = lines.enumerated().map { $0.element + end[$0.offset % 2] }.joined()
        let ids = try Command.run(Self.tokenize + ["--json", "--no-special"], input: input)
        #expect(ids.status == 0 && ids.lines.count == lines.count)
        for (line, text) in zip(ids.lines, lines) {
            let length = try JSONValue(parsing: line.utf8)["offsets"]?.array?.last?.array?.last?.integer ?? 0
            #expect(length == text.count)
        }
    }

    /// More tokens in one line than may wait at a server.
    @Test func offlineWorkWaitsAndIsNeverRefused() throws {
        let text = String(repeating: "the ", count: 40) + "[MASK]"
        let list = JSONValue.array(Array(repeating: .string(text), count: 25_000))
        var writer = JSONWriter()
        writer.value(list)
        let result = try Command.run(
            Self.run + ["--jsonl", "--parameters", #"{"top_k": 1}"#],
            input: String(decoding: writer.finish(), as: UTF8.self))
        #expect(result.status == 0)
        #expect(try JSONValue(parsing: result.output).array?.count == 25_000)
    }
}
