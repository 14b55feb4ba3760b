/// The shorter chats that a chat becomes when its oldest messages go, from the longest to the shortest.
///
/// The messages of the system that it begins with and the last message stay. First whole turns go, so that a chat begins
/// with a message of the user as before; then what stands between the last such message and the end. Results of tools go
/// with the message that called them.
package struct ShortenedChats {
    /// The part of the messages that is left.
    private struct Cut {
        /// The place of a message of the user that stays in front of the others; nil for none.
        var question: Int?
        /// The place from which on all stay.
        let start: Int
    }

    private let messages: [ChatMessage]
    /// Messages that it begins with, and that stay.
    private let kept: Int
    private let cuts: [Cut]

    package init(_ messages: [ChatMessage]) {
        self.messages = messages
        let kept = messages.prefix { $0.role == "system" }.count
        let starts = messages.indices.filter { $0 > kept && messages[$0].role != "tool" }
        let question = messages.indices.last { $0 >= kept && messages[$0].role == "user" }
        let turns = starts.filter { messages[$0].role == "user" }.map { Cut(start: $0) }
        let steps = starts.filter { $0 > (question ?? kept - 1) + 1 }.map { Cut(question: question, start: $0) }
        (self.kept, cuts) = (kept, turns + steps)
    }

    package var count: Int { cuts.count }

    package subscript(index: Int) -> [ChatMessage] {
        let cut = cuts[index]
        var chat = Array(messages[..<kept])
        if let question = cut.question { chat.append(messages[question]) }
        return chat + messages[cut.start...]
    }
}
