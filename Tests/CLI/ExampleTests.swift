import Foundation
import PenstockTestSupport
import Testing

/// The examples of all help texts, as they are written there: the ids that they name are those of fixtures in a cache.
@Suite(.blocking) struct ExampleTests {
    private let cache: TemporaryDirectory
    private let directory: TemporaryDirectory

    init() throws {
        (cache, directory) = (try TemporaryDirectory(), try TemporaryDirectory())
        for (id, checkpoint) in [
            ("google-bert/bert-base-uncased", "bert-tiny"), ("sentence-transformers/all-MiniLM-L6-v2", "st-mean"),
            ("org/reviews", "bert-sequence"), ("org/answers", "span-bert"),
        ] {
            _ = try CachedCheckpoint(id, of: checkpoint, in: cache)
        }
        let template = "{% for m in messages %}{{ m.content }} {% endfor %}"
        let decoder = try DecoderCheckpoint("llama", files: [("chat_template.jinja", Array(template.utf8))])
        _ = try CachedCheckpoint("HuggingFaceTB/SmolLM2-135M-Instruct", ofFiles: decoder.path, in: cache)
        for (name, text) in [
            ("masks.txt", "a [MASK]\nthe [MASK]\n"), ("texts.txt", "a\nthe cat\n"),
            ("reviews.csv", "id,text\n1,good\n2,\"not, good\"\n3,bad\n"),
            ("questions.jsonl", #"{"question": "who?", "context": "it is the cat"}"#),
            ("keys.txt", "search secret-1\n"),
            ("penstock.yaml", "models: [google-bert/bert-base-uncased]\nrequest-timeout: 20\n"),
        ] {
            try directory.write(name, text.utf8)
        }
    }

    static let commands = [
        "serve", "run", "chat", "pull", "list", "remove", "inspect", "tokenize", "bench", "doctor", "completions",
        "manual",
    ]

    @Test func noCommandIsLeftOut() throws {
        #expect(try Command.run(["manual", "--list"]).lines.sorted() == Self.commands.sorted())
    }

    @Test(arguments: commands.filter { $0 != "serve" }) func examplesWork(command: String) throws {
        for example in try Self.examples(of: command) {
            let process = try start(example)
            process.waitForEnd()
            let errors = try String(contentsOfFile: "\(directory.path)/errors", encoding: .utf8)
            #expect(process.terminationStatus == 0, "\(example)\n\(errors)")
        }
    }

    /// Servers become ready, and end when they are told to.
    @Test func examplesOfServersWork() throws {
        for example in try Self.examples(of: "serve") {
            let process = try start(example.replacing("--port 9000", with: "--port 0"))
            var log = ""
            while process.isRunning, !log.contains("ready:") {
                usleep(10_000)
                log = try String(contentsOfFile: "\(directory.path)/errors", encoding: .utf8)
            }
            process.terminate()
            process.waitForEnd()
            #expect(log.contains("ready:") && process.terminationStatus == 0, "\(example)\n\(log)")
        }
    }

    /// Commands, each with its further lines.
    private static func examples(of command: String) throws -> [String] {
        let help = String(decoding: try Command.run(["help", command]).output, as: UTF8.self)
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "Examples:"), "\(command) has no examples")
        let block = lines[(start + 2)...].prefix { $0.hasPrefix("  ") }
        var examples: [String] = []
        for line in block {
            if line.hasPrefix("  penstock ") {
                examples.append(String(line))
            } else {
                let last = examples.popLast() ?? ""
                #expect(last.hasSuffix("\\"), "\(last)")
                examples.append("\(last)\n\(line)")
            }
        }
        #expect(!examples.isEmpty, "\(command)")
        return examples
    }

    /// Has a shell run an example; standard error is a file.
    private func start(_ example: String) throws -> Process {
        let process = Process()
        let environment = ProcessInfo.processInfo.environment
        let folder = Command.executable.deletingLastPathComponent().path
        process.environment = environment.merging([
            "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": cache.path, "PENSTOCK_PORT": "0", "PENSTOCK_DRAIN_TIMEOUT": "3600",
            "PATH": "\(folder):\(environment["PATH"] ?? "/usr/bin:/bin")",
        ]) { _, new in new }
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", "exec \(example.drop { $0 == " " })"]
        process.currentDirectoryURL = URL(filePath: directory.path)
        try directory.write("errors", "".utf8)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(filePath: "\(directory.path)/errors"))
        try process.run()
        return process
    }
}
