import PenstockPipelines
import Testing

/// Chats whose oldest messages go.
@Suite struct ShortenedChatsTests {
    /// A chat by the first letters of its roles: of the system, the user, the assistant and tools.
    private static func chat(_ roles: String) -> [ChatMessage] {
        let names: [Character: String] = ["s": "system", "u": "user", "a": "assistant", "t": "tool"]
        return roles.enumerated().map { ChatMessage(role: names[$1] ?? "", content: "\($0)") }
    }

    @Test(
        arguments: [
            ("", []), ("s", []), ("u", []), ("su", []), ("ss", []), ("uau", ["2"]), ("suaus", ["034"]),
            ("suauau", ["0345", "05"]), ("uauatat", ["23456", "256"]), ("aua", ["12"]), ("aata", ["123", "3"]),
            ("uatata", ["0345", "05"]), ("tut", ["12"]),
        ] as [(String, [String])])
    func theOldestMessagesGo(roles: String, left: [String]) {
        let chats = ShortenedChats(Self.chat(roles))
        #expect((0..<chats.count).map { chats[$0].map { $0.content ?? "" }.joined() } == left)
    }
}
