import PenstockJSON
import PenstockTestSupport
import Testing

/// `penstock chat` from a pipe.
@Suite(.blocking) struct ChatTests {
    private let checkpoint: DecoderCheckpoint
    private let directory: TemporaryDirectory

    init() throws {
        checkpoint = try DecoderCheckpoint(
            "llama", generation: #"{"eos_token_id": null}"#, files: [DecoderCheckpoint.chatSettings()])
        directory = try TemporaryDirectory()
    }

    private func chat(_ lines: [String], _ arguments: String...) throws -> Command {
        try Command.run(
            [
                "chat", checkpoint.path, "--threads", "1",
                "--parameters", #"{"max_new_tokens": 6, "do_sample": false}"#,
            ] + arguments, input: lines.joined(separator: "\n") + "\n")
    }

    private func saved(_ name: String) throws -> JSONValue { try Fixtures.json("\(directory.path)/\(name)") }

    private func message(_ role: String, _ content: String) -> JSONValue {
        .object(JSONObject([("role", .string(role)), ("content", .string(content))]))
    }

    /// The answers are those of the pipeline to the same chats, and nothing else is on standard output.
    @Test func answersAreThoseOfThePipeline() throws {
        let result = try chat(
            ["t22 t23 t24", "/save \(directory.path)/chat.json"], "--system", "t20 t21")
        #expect(result.status == 0, "\(result.errors)")
        let golden = try Fixtures.json(Fixtures.path("chats/pipeline.json"))["cases"]?.array?.first
        let expected = try #require(golden?["answer"]?.array?.first?["generated_text"])
        #expect(result.lines == [expected.array?.last?["content"]?.string])
        #expect(try saved("chat.json") == expected)
        #expect(!result.output.contains(0x1B) && result.errors.isEmpty)
    }

    @Test func messagesAreRememberedAnsweredAgainAndForgotten() throws {
        let path = directory.path
        let result = try chat([
            "t22", "/regenerate", "t23", "/save \(path)/two.json", "/reset", "t22", "/system t20", "t22", "/system",
            "/load \(path)/two.json", "/regenerate", "/save \(path)/again.json", "/reset", "/regenerate", "/exit",
            "t22",
        ])
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.lines
        #expect(lines.count == 6)
        #expect(lines[0] == lines[1] && lines[0] == lines[3] && lines[2] == lines[5])
        #expect(result.errors == "there is no message to answer\n")
        #expect(
            try saved("two.json")
                == .array([
                    message("user", "t22"), message("assistant", lines[0]), message("user", "t23"),
                    message("assistant", lines[2]),
                ]))
        #expect(try saved("again.json") == saved("two.json"))
    }

    @Test func messagesHaveSeveralLines() throws {
        let result = try chat([
            "t22 \\", "t23", "/reset", "\"\"\"", "t22 ", "t23", "\"\"\"", "/reset", "", " /reset",
            "/save \(directory.path)/chat.json",
        ])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.lines.count == 3 && result.lines[0] == result.lines[1])
        #expect(try saved("chat.json").array?.first == message("user", " /reset"))
    }

    @Test func parametersAreChanged() throws {
        let result = try chat(["t22", "/set max_new_tokens 2", "/set", "/reset", "t22"])
        #expect(result.status == 0)
        #expect(result.lines[0].hasPrefix(result.lines[1]) && result.lines[0] != result.lines[1])
        #expect(result.errors == "do_sample false\nmax_new_tokens 2\n")
    }

    @Test(arguments: [
        ("/rest", "did you mean reset?"), ("/set max_new_token 3", "max_new_token"), ("/set top_k x", "top_k"),
        ("/load /no/such/file", "No such file"), ("/load", "the name of a file"),
        ("/save /no/such/file", "cannot write"),
    ])
    func whatFailsIsToldAndTheChatGoesOn(line: String, words: String) throws {
        let result = try chat([line, "t22"])
        #expect(result.status == 1)
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(result.lines.count == 1)
    }

    /// A message that cannot be answered is taken back.
    @Test func aMessageThatIsTooLongIsNotRemembered() throws {
        let result = try chat([
            DecoderCheckpoint.text(repeatElement(22, count: 1300)), "t22", "/save \(directory.path)/chat.json",
        ])
        #expect(result.status == 1 && result.errors.contains("tokens"))
        #expect(try saved("chat.json").array?.count == 2)
    }

    @Test func modelsWithoutChatsSaySo() throws {
        let encoder = try Command.run(["chat", Fixtures.checkpoint("bert-tiny")], input: "a\n")
        #expect(encoder.status == 1 && encoder.errors.contains("does not generate texts"))
        let plain = try DecoderCheckpoint("llama")
        let result = try Command.run(["chat", plain.path], input: "t22\n")
        #expect(result.status == 1 && result.errors.contains("no chat template"))
    }
}
