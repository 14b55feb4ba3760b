import PenstockJSON
import Testing
import penstock

/// Commands of a chat, and what it remembers.
@Suite struct ConversationTests {
    @Test(arguments: [
        ("Hello", ChatCommand.message("Hello")), (" /help", .message(" /help")), ("/help", .help), ("/reset", .reset),
        ("/system", .system(nil)), ("/system Be brief. ", .system("Be brief.")), ("/save a b.json", .save("a b.json")),
        ("/load x", .load("x")), ("/regenerate", .regenerate), ("/set", .showParameters),
        ("/set temperature 0.5", .set(name: "temperature", value: .double(0.5))),
        ("/set seed null", .set(name: "seed", value: .null)),
        ("/set stop_sequence a b", .set(name: "stop_sequence", value: .string("a b"))),
        ("/exit", .end), ("/quit", .end),
    ])
    func linesAreCommands(line: String, command: ChatCommand) { #expect(ChatCommand(line) == command) }

    @Test(arguments: ["/", "/x", "/save", "/load ", "/set x", "/Help"])
    func mistakesAreTold(line: String) {
        guard case .mistake = ChatCommand(line) else {
            Issue.record("\(line) is taken as a command")
            return
        }
    }

    @Test func linesBecomeMessages() {
        var lines = MessageLines()
        #expect(lines.take("a") == "a")
        #expect(lines.take("a\\") == nil && lines.isOpen && lines.take("b") == "a\nb" && !lines.isOpen)
        let quoted = ["\"\"\"", "", "a\\", "/reset"].map { lines.take($0) }
        #expect(quoted.allSatisfy { $0 == nil } && lines.isOpen)
        #expect(lines.take("\"\"\"") == "\na\\\n/reset")
        #expect(lines.take("a\\") == nil && lines.finish() == "a" && lines.finish() == nil)
    }

    @Test func chatsAreSavedAndLoaded() throws {
        var chat = Conversation(system: "s")
        chat.say("a\n\"b\"")
        chat.answer("c")
        var other = Conversation()
        try other.load(chat.json)
        #expect(other.chat == chat.chat && other.system == "s" && other.messages.count == 2)
        #expect(other.forgetAnswer() && other.messages.count == 1 && other.forgetAnswer())
        for text in ["", "{}", "[]", "[1]", #"[{"role": "user"}]"#] {
            #expect(throws: (any Error).self) { try other.load(Array(text.utf8)) }
        }
        #expect(other.messages.count == 1)
    }

    @Test func parametersAreThoseOfTheTask() throws {
        var chat = Conversation()
        try chat.set("temperature", .double(0.5))
        try chat.set("max_new_tokens", .null)
        #expect(chat.parameters == JSONObject([("temperature", .double(0.5))]))
        #expect(throws: (any Error).self) { try chat.set("temperature", .string("x")) }
        #expect(throws: (any Error).self) { try chat.set("x", .integer(1)) }
        #expect(chat.parameters.entries.count == 1)
    }
}
