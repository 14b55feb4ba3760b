import PenstockJSON
import PenstockTestSupport
import Testing

@Suite(.blocking) struct BenchTests {
    private let checkpoint = Fixtures.checkpoint("bert-tiny")

    @Test(arguments: ["float32", "bfloat16", "int8", "int4"])
    func linesOfJSON(dtype: String) throws {
        let result = try Command.run([
            "bench", checkpoint, "--dtype", dtype, "--json", "--seconds", "0", "--threads", "2", "--case", "1x8",
            "--case",
            "8x32",
        ])
        #expect(result.status == 0)
        let lines = try result.lines.map { try JSONValue(parsing: $0.utf8) }
        #expect(lines.count == 3)
        let machine = try #require(lines.first?["machine"])
        #expect(machine["threads"]?.integer == 2)
        for limit in ["float32", "bfloat16", "int8"].map({ "\($0)_operations_per_second" }) + ["read_bytes_per_second"]
        {
            #expect((machine[limit]?.double ?? 0) > 0, "\(limit)")
        }
        for (line, (name, tokens)) in zip(lines.dropFirst(), [("1x8", 8.0), ("8x32", 256)]) {
            #expect(line["case"]?.string == name && line["dtype"]?.string == dtype)
            let milliseconds = try #require(line["milliseconds"]?.double)
            let perSecond = try #require(line["tokens_per_second"]?.double)
            #expect(milliseconds > 0 && abs(perSecond * milliseconds / 1000 / tokens - 1) < 0.05)
            for share in ["share_of_peak", "share_of_bandwidth"] {
                #expect((line[share]?.double ?? -1) >= 0, "\(share)")
            }
        }
    }

    @Test func fileOfGGUF() throws {
        let folder = Fixtures.path("gguf-encoders")
        let result = try Command.run([
            "bench", folder, "--gguf", "bert-encoder.gguf", "--json", "--seconds", "0", "--case", "1x8",
        ])
        #expect(result.status == 0 && result.lines.count == 2, "\(result.errors)")
        #expect(try Command.run(["bench", folder, "--gguf", "Q9_0"]).errors.contains("has no GGUF"))
    }

    @Test func tableNamesTheStages() throws {
        let result = try Command.run(["bench", checkpoint, "--seconds", "0", "--case", "1x8"])
        #expect(result.status == 0)
        let output = String(decoding: result.output, as: UTF8.self)
        #expect(output.contains("read bandwidth: ") && output.contains("1x8        float32"))
        for stage in ["linear ", "attention ", "normalisation "] { #expect(output.contains(stage), "\(stage)") }
    }

    /// Without --case those that the model can take: bert-tiny has no 128 positions.
    @Test func casesThatAreTooLongAreLeftOut() throws {
        let result = try Command.run(["bench", checkpoint, "--json", "--seconds", "0"])
        let names = try result.lines.compactMap { try JSONValue(parsing: $0.utf8)["case"]?.string }
        #expect(names == ["1x8", "1x32", "8x32", "32x32"])
    }

    /// A prompt and decodes; those that are longer than the model's 1,200 positions are left out.
    @Test(arguments: ["float32", "bfloat16", "int4"]) func generation(dtype: String) throws {
        let result = try Command.run([
            "bench", Fixtures.path("decoders/llama"), "--generation", "--dtype", dtype, "--json", "--seconds", "0",
            "--case", "prompt40", "--case", "3@70", "--case", "1@1190",
        ])
        #expect(result.status == 0, "\(result.errors)")
        let lines = try result.lines.dropFirst().map { try JSONValue(parsing: $0.utf8) }
        #expect(lines.compactMap { $0["case"]?.string } == ["prompt40", "3@70"])
        for (line, tokens) in zip(lines, [40.0, 3]) {
            let milliseconds = try #require(line["milliseconds"]?.double)
            let perSecond = try #require(line["tokens_per_second"]?.double)
            #expect(milliseconds > 0 && abs(perSecond * milliseconds / 1000 / tokens - 1) < 0.05)
        }
    }

    @Test func whatDoesNotGenerateHasNoStepsOfGeneration() throws {
        let result = try Command.run(["bench", checkpoint, "--generation"])
        #expect(result.status != 0 && result.errors.contains("does not generate"), "\(result.errors)")
    }

    @Test(arguments: [
        (["--generation", "--case", "8x128"], "There is no case 8x128; there are prompts"),
        (["--generation", "--dtype", "auto"], "--generation measures one dtype"),
        (["--case", "9x"], "There is no case 9x; there are any number of sequences"),
        (["--dtype", "float64"], "float64"),
        (["--seconds=-1"], "--seconds has to be"), (["--threads", "0"], "--threads has to be"),
    ])
    func wrongArguments(arguments: [String], message: String) throws {
        let result = try Command.run(["bench", checkpoint] + arguments)
        #expect(result.status == 2 && result.errors.contains(message), "\(result.errors)")
    }
}
