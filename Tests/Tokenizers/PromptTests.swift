import PenstockJSON
import PenstockTemplates
import PenstockTestSupport
import PenstockTokenizers
import Testing

/// Prompts in pieces: control tokens are found in the words of templates alone, and all else is as in the whole text.
@Suite struct PromptTests {
    private static let fixture = Result {
        try PenstockTestSupport.Fixtures.json(PenstockTestSupport.Fixtures.path("chats/tokens.json"))
    }
    private static let families = [
        "smollm", "qwen2", "llama2", "llama2-metaspace", "phi3", "gemma", "llama3", "gpt-neox", "deepseek", "mt5", "t5",
        "nllb", "bert",
    ]

    /// A prompt and its tokenizer.
    private struct Prompt {
        let tokenizer: Tokenizer
        let control: ControlTokens
        let pieces: [PromptPiece]

        init(_ family: String, _ template: ChatTemplate, _ input: ChatInput) throws {
            tokenizer = try FamilyGoldens.tokenizer(family)
            control = tokenizer.controlTokens(of: template.literals)
            pieces = try template.render(input).pieces.map { PromptPiece($0.text, isTrusted: $0.isTrusted) }
        }

        var text: String { pieces.map(\.text).joined() }
        func encoding() throws -> Encoding { try tokenizer.encode(.prompt(pieces, control), addSpecialTokens: false) }
    }

    private static func prompt(_ family: String, _ messages: [JSONValue], goesOn: Bool = false) throws -> Prompt {
        let source = try #require(try fixture.get()["families"]?[family]?["template"]?.string)
        var input = ChatInput(messages: messages, now: TemplateTime(secondsSince1970: 0))
        input.addGenerationPrompt = !goesOn
        input.continueFinalMessage = goesOn ? "content" : nil
        return try Prompt(family, ChatTemplate(source: source), input)
    }

    private static func message(_ role: String, _ content: String) -> JSONValue {
        .object(JSONObject([("role", .string(role)), ("content", .string(content))]))
    }

    @Test(arguments: families) func chatsHaveTheTokensOfUpstream(_ family: String) throws {
        let fixture = try Self.fixture.get()
        let expected = try #require(fixture["families"]?[family]?["tokens"]?.array)
        let chats = try #require(fixture["chats"]?.array)
        #expect(expected.count == chats.count && chats.count == 16)
        for (number, (chat, tokens)) in zip(chats, expected).enumerated() {
            let prompt = try Self.prompt(family, chat.array ?? [], goesOn: number % 2 == 1)
            let ids = try prompt.encoding().ids
            var checksum = CRC32()
            for id in ids { checksum.append(id) }
            #expect(
                [ids.count, Int(checksum.value)] == [tokens.array?[0].integer, tokens.array?[1].integer],
                "chat \(number): \(prompt.text.debugDescription)")
        }
    }

    /// Whatever messages say, the special tokens of a prompt are those of its template.
    @Test(arguments: families) func messagesWriteNoControlTokens(_ family: String) throws {
        let tokens = try FamilyGoldens.addedTokens(of: family).filter { $0.contains { !$0.isWhitespace } }
        let hostile: [String] = [
            tokens.joined(), tokens.joined(separator: " "), "a\(tokens.joined(separator: "\n"))b",
            tokens.map { String($0.dropFirst()) }.joined(), tokens.map { String($0.dropLast()) }.joined(),
            tokens.map { "\($0)\($0.dropFirst())" }.joined(), tokens.map { "<\($0)>" }.joined(),
        ]
        for text in hostile {
            let harmless = try Self.prompt(family, [Self.message("user", "x"), Self.message("assistant", "y")])
            let prompt = try Self.prompt(family, [Self.message("user", text), Self.message("assistant", text)])
            let tokenizer = prompt.tokenizer
            func special(_ prompt: Prompt) throws -> [Int32] {
                try prompt.encoding().ids.filter { tokenizer.isSpecial($0) && $0 != tokenizer.modelUnknownID }
            }
            #expect(try special(prompt) == special(harmless), "\(prompt.text.debugDescription)")
        }
    }

    @Test func namesAcrossBordersAreText() throws {
        let tokenizer = try FamilyGoldens.tokenizer("qwen2")
        let control = tokenizer.controlTokens(of: [])
        let end = try #require(tokenizer.id(of: "<|im_end|>"))
        func ids(_ pieces: [(String, Bool)], _ control: ControlTokens) throws -> [Int32] {
            try tokenizer.encode(
                .prompt(pieces.map { PromptPiece($0.0, isTrusted: $0.1) }, control), addSpecialTokens: false
            ).ids
        }
        #expect(try ids([("<|im_end|>", true)], control) == [end])
        #expect(try ids([("<|im_", true), ("end|>", true)], control) == [end])
        #expect(try ids([("", false), ("<|im_end|>", true), ("", false)], control) == [end])
        for pieces in [
            [("<|im_end|>", false)], [("<|im_", true), ("end|>", false)], [("<|im_", false), ("end|>", true)],
            [("<|", true), ("im_end", false), ("|>", true)],
        ] {
            let text = try ids(pieces, control)
            #expect(!text.contains(end))
            #expect(tokenizer.decode(text, skipSpecialTokens: true) == "<|im_end|>")
        }
        // One that a border cuts off hides none behind it.
        #expect(try ids([("<|im", false), ("<|im_end|>", true)], control).last == end)
    }

    /// Of the other added tokens those are control tokens that the template has, if the checkpoint does not list them.
    @Test func addedTokensOfTemplatesAreControlTokens() throws {
        let tokenizer = try FamilyGoldens.tokenizer("qwen2")
        let call = try #require(tokenizer.id(of: "<tool_call>"))
        func ids(_ literals: [String]) throws -> [Int32] {
            try tokenizer.encode(
                .prompt([PromptPiece("<tool_call>", isTrusted: false)], tokenizer.controlTokens(of: literals)),
                addSpecialTokens: false
            ).ids
        }
        #expect(try ids([]) == [call])
        #expect(try ids(["<tool", "_call>"]) == [call])
        #expect(try ids(["x<tool_call>\n"]) != [call])
    }

    @Test func checkpointsListTheirControlTokens() throws {
        let directory = try PenstockTestSupport.TemporaryDirectory(copyOf: FamilyGoldens.directory(of: "qwen2"))
        func tokenizer(_ tokens: String) throws -> Tokenizer {
            try directory.write("tokenizer_config.json", Array(#"{"chat_control_tokens": \#(tokens)}"#.utf8))
            return try Tokenizer(directory: directory.path)
        }
        let listed = try tokenizer(#"["</tool_call>", "nothing"]"#)
        let control = listed.controlTokens(of: ["<tool_call>"])
        let text = [PromptPiece("<tool_call></tool_call>", isTrusted: false)]
        let ids = try listed.encode(.prompt(text, control), addSpecialTokens: false).ids
        #expect(ids.first == listed.id(of: "<tool_call>"))
        #expect(ids.count > 2 && ids.last != listed.id(of: "</tool_call>"))
        #expect(throws: TokenizerError.self) { try tokenizer("3") }
    }

    /// A vocabulary that has control tokens among its words does not make them of messages.
    @Test func wordsOfTheVocabularyAreNoControlTokens() throws {
        let tokenizer = try FamilyGoldens.tokenizer("mt5")
        let end = try #require(tokenizer.id(of: "</s>"))
        let control = tokenizer.controlTokens(of: [])
        let text = String(repeating: "</s>", count: 1000)
        let ids = try tokenizer.encode(
            .prompt([PromptPiece(text, isTrusted: false), PromptPiece("</s>", isTrusted: true)], control),
            addSpecialTokens: false
        ).ids
        #expect(ids.last == end)
        #expect(!ids.dropLast().contains(end) && ids.count > 1000)
    }
}
