import Foundation
import PenstockJSON
import PenstockTestSupport
import Testing

/// What `inspect`, `doctor`, `list`, `completions` and `manual` print.
@Suite(.blocking) struct ModelCommandTests {
    private func inspect(_ arguments: String...) throws -> JSONValue {
        let result = try Command.run(["inspect"] + arguments + ["--json"])
        #expect(result.status == 0, "\(result.errors)")
        return try JSONValue(parsing: result.output)
    }

    /// Numbers of the checkpoint's own files, counted another way.
    @Test func inspectCountsWhatTheFileHas() throws {
        let path = Fixtures.checkpoint("bert-tiny")
        let model = try inspect(path)
        let file = try Fixtures.bytes(atPath: "\(path)/model.safetensors")
        let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try #require(try JSONValue(parsing: file[8..<8 + length]).object)
        let tensors = header.entries.filter { $0.key != "__metadata__" }.map(\.value)
        let parameters = tensors.map { ($0["shape"]?.array ?? []).compactMap(\.integer).reduce(1, *) }.reduce(0, +)
        #expect(model["parameters"]?.integer == parameters)
        #expect(model["dtypes"]?["F32"]?["tensors"]?.integer == tensors.count)
        #expect(model["dtypes"]?["F32"]?["bytes"]?.integer == file.count - 8 - length)
        #expect(model["model_type"]?.string == "bert" && model["task"]?.string == "fill-mask")
        let tasks = model["tasks"]?.array?.compactMap(\.string) ?? []
        #expect(tasks.contains("fill-mask") && tasks.contains("feature-extraction"))
        let memory = ["float32", "bfloat16", "int8"].compactMap { model["memory_bytes"]?[$0]?.integer }
        #expect(memory.count == 3 && memory.first == memory.max() && memory.allSatisfy { $0 > 0 })
        #expect(model["notes"]?.array?.isEmpty == true)
        #expect(model["tensors"] == nil)
        let listed = try inspect(path, "--tensors")["tensors"]?.array ?? []
        #expect(listed.count == tensors.count && listed.allSatisfy { $0["shape"]?.array != nil })
    }

    @Test(arguments: ["st-mean", "static-plain", "bert-relu-sharded", "span-bert", "bert-bf16"])
    func inspectKnowsEveryKindOfCheckpoint(name: String) throws {
        let model = try inspect(Fixtures.checkpoint(name))
        #expect(model["task"]?.string != nil && (model["parameters"]?.integer ?? 0) > 0, "\(model)")
        #expect(model["memory_bytes"]?.object?.entries.count == 4)
    }

    /// A GGUF file is all of a checkpoint, like the directory that holds it alone.
    @Test func inspectTakesAFile() throws {
        func facts(_ path: String) throws -> [JSONObject.Entry] {
            try #require(try inspect(path).object).entries.filter { $0.key != "model" }
        }
        let file = try facts(Fixtures.path("gguf/llama/llama.gguf"))
        #expect(file.contains { $0.key == "parameters" && ($0.value.integer ?? 0) > 0 })
        #expect(try file == facts(Fixtures.path("gguf/llama")))
    }

    @Test func inspectSaysWhatIsInTheWay() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-tiny"))
        try directory.write("config.json", #"{"model_type": "gpt9", "architectures": ["Gpt9ForMaskedLM"]}"#.utf8)
        let model = try inspect(directory.path)
        #expect(model["model_type"]?.string == "gpt9" && model["tasks"]?.array?.isEmpty == true)
        #expect((model["parameters"]?.integer ?? 0) > 0)
        #expect(model["notes"]?.array?.first?.string?.contains("gpt9") == true)
        let missing = try Command.run(["inspect", "no/such/directory"])
        #expect(missing.status == 1 && missing.errors == "penstock: no/such/directory: no such file or directory\n")
        let offline = try Command.run(["inspect", "org/none"])
        #expect(offline.status == 1 && offline.errors.contains("HF_HUB_OFFLINE"))
    }

    /// A file that is not there is no repository, whichever command it is given to; what lies beside it may be meant.
    @Test(
        arguments: [
            ["run", "PATH", "x"], ["inspect", "PATH"], ["tokenize", "PATH", "x"], ["bench", "PATH"],
            ["serve", "PATH", "--port", "0"], ["run", "PATH", "x", "--gguf", "Q8_0"],
            ["serve", "PATH", "--port", "0", "--gguf", "Q8_0"],
        ])
    func filesThatAreNotThereAreNamed(arguments: [String]) throws {
        let directory = try TemporaryDirectory()
        for name in ["llama.gguf", "other"] { try directory.write(name, "".utf8) }
        func lastLine(_ path: String) throws -> Substring? {
            let result = try Command.run(arguments.map { $0 == "PATH" ? path : $0 })
            #expect(result.status == 1 && result.output.isEmpty, "\(result.errors)")
            return result.errors.split(separator: "\n").last
        }
        let beside = "\(directory.path)/lama.gguf"
        #expect(try lastLine(beside) == "penstock: \(beside): no such file or directory; did you mean llama.gguf?")
        let folder = "\(directory.path)/othr/"
        #expect(try lastLine(folder) == "penstock: \(folder): no such file or directory; did you mean other?")
        for path in ["no-such/none.gguf", "no-such.safetensors"] {
            #expect(try lastLine(path) == "penstock: \(path): no such file or directory")
        }
    }

    /// What a terminal would take for more than a name is escaped.
    @Test func aNameIsNoMoreThanItsLine() throws {
        let result = try Command.run(["run", "./no\nsuch\u{1B}[1m", "x"])
        #expect(result.status == 1)
        #expect(result.errors == "penstock: ./no\\nsuch\\u{1B}[1m: no such file or directory\n")
    }

    @Test func inspectForPeople() throws {
        let result = try Command.run(["inspect", Fixtures.checkpoint("bert-tiny"), "--tensors"])
        let text = String(decoding: result.output, as: UTF8.self)
        for part in [
            "architecture  bert, BertForMaskedLM", "tasks         fill-mask", "memory        float32", "tensor ",
        ] {
            #expect(text.contains(part), "\(part)\n\(text)")
        }
        #expect(!text.contains("\u{1B}"))
    }

    // MARK: Doctor

    @Test func doctorTellsOfTheMachine() throws {
        let cache = try CachedCheckpoint("org/tiny", of: "bert-tiny")
        let environment = ["HF_HUB_CACHE": cache.path, "HF_TOKEN": "hf_hidden"]
        let result = try Command.run(["doctor", "--json"], environment: environment)
        let found = try JSONValue(parsing: result.output)
        for name in ["processor", "dtype", "memory", "open files", "port", "cache", "token", "hub"] {
            #expect(found[name]?["text"]?.string?.isEmpty == false, "\(name)")
        }
        #expect((found["processor"]?["threads"]?.integer ?? 0) > 0)
        #expect(found["cache"]?["models"]?.integer == 1 && found["cache"]?["path"]?.string == cache.path)
        #expect(found["token"]?["is_set"]?.bool == true)
        #expect(found["hub"]?["is_offline"]?.bool == true)
        let people = try Command.run(["doctor"], environment: environment)
        #expect(people.lines.count == 9 && !String(decoding: people.output, as: UTF8.self).contains("hidden"))
    }

    @Test func doctorSeesAPortThatIsTaken() throws {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                #expect(bind(socket, pointer, size) == 0 && listen(socket, 1) == 0)
                #expect(getsockname(socket, pointer, &size) == 0)
            }
        }
        let port = Int(UInt16(bigEndian: address.sin_port))
        let found = try JSONValue(parsing: try Command.run(["doctor", "--json", "--port", "\(port)"]).output)
        #expect(found["port"]?["status"]?.string == "note", "\(found)")
    }

    @Test func doctorSaysWhatHasToBePutRight() throws {
        let result = try Command.run(["doctor"], environment: ["HF_ENDPOINT": "nonsense"])
        #expect(result.status == 1 && result.lines.last?.contains("problem: HF_ENDPOINT") == true)
        #expect(result.errors.isEmpty)
    }

    // MARK: List, completions, manual

    @Test func listTellsAllTasks() throws {
        let cache = try CachedCheckpoint("org/tiny", of: "bert-tiny")
        let result = try Command.run(["list", "--json"], environment: ["HF_HUB_CACHE": cache.path])
        let row = try JSONValue(parsing: result.output)
        let tasks = row["tasks"]?.array?.compactMap(\.string) ?? []
        #expect(tasks.first == "fill-mask" && tasks.contains("feature-extraction"))
        #expect(row["task"]?.string == "fill-mask")
    }

    @Test func completionsOfEachShell() throws {
        for (shell, part) in [("bash", "complete "), ("zsh", "#compdef penstock"), ("fish", "complete -c")] {
            let result = try Command.run(["completions", shell])
            #expect(result.status == 0 && String(decoding: result.output, as: UTF8.self).contains(part), "\(shell)")
        }
        let wrong = try Command.run(["completions", "bassh"])
        #expect(wrong.status == 2 && wrong.errors.contains("did you mean bash?"))
    }

    /// A shell that knows bash's own words finds the script right.
    @Test func theScriptForBashIsRight() throws {
        let directory = try TemporaryDirectory()
        try directory.write("script", try Command.run(["completions", "bash"]).output)
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-n", "\(directory.path)/script"]
        try process.run()
        process.waitForEnd()
        #expect(process.terminationStatus == 0)
    }

    @Test(arguments: ExampleTests.commands) func aPageOfTheManual(command: String) throws {
        let page = try Command.run(["manual", command])
        #expect(page.status == 0)
        #expect(page.lines.first?.hasPrefix(".TH PENSTOCK\\-\(command.uppercased()) 1 ") == true)
        for part in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", "Examples:", ".SH EXIT STATUS"] {
            #expect(page.lines.contains(part), "\(part)")
        }
        // No line but those of the page's own is a request.
        let requests = [".TH", ".SH", ".B", ".BR", ".TP", ".PP", ".nf", ".fi"]
        for line in page.lines where line.hasPrefix(".") {
            #expect(requests.contains(String(line.prefix { $0 != " " })), "\(line)")
        }
        #expect(try Command.run(["manual", "serv"]).errors.contains("did you mean serve?"))
    }
}
