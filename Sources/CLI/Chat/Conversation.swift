import PenstockJSON
import PenstockPipelines

/// The messages of a chat so far, and the parameters of its answers.
package struct Conversation: Sendable {
    /// The instruction that the model gets before all messages.
    package var system: String?
    /// The messages behind that.
    package private(set) var messages: [JSONObject] = []
    /// Options of text-generation.
    package private(set) var parameters = JSONObject([("max_new_tokens", .integer(1024))])

    /// A chat without messages.
    package init(system: String? = nil) { self.system = system }

    private static func message(_ role: String, _ content: String) -> JSONObject {
        JSONObject([("role", .string(role)), ("content", .string(content))])
    }

    /// All messages, as a template gets them.
    package var chat: JSONValue {
        let first = system.map { [Self.message("system", $0)] } ?? []
        return .array((first + messages).map(JSONValue.object))
    }

    /// True if the last message is one that the model is to answer.
    var isAnswered: Bool { messages.last?["role"]?.string == "assistant" }

    /// Adds what the user says.
    package mutating func say(_ text: String) { messages.append(Self.message("user", text)) }

    /// Adds what the model has said.
    package mutating func answer(_ text: String) { messages.append(Self.message("assistant", text)) }

    /// Takes back the last message, as that is not answered.
    mutating func takeBack() { _ = messages.popLast() }

    /// Forgets the last answer. Returns false if there is nothing to answer.
    package mutating func forgetAnswer() -> Bool {
        if isAnswered { messages.removeLast() }
        return !messages.isEmpty
    }

    /// Forgets all messages.
    mutating func reset() { messages = [] }

    /// Changes a parameter; null is its default.
    ///
    /// - Throws: `PipelineError` for one that there is not, and for a value that it cannot have.
    package mutating func set(_ name: String, _ value: JSONValue) throws(PipelineError) {
        let others = parameters.entries.filter { $0.key != name }.map { ($0.key, $0.value) }
        _ = try TextGeneration.options.parse(JSONObject([(name, value)]))
        parameters = JSONObject(others + (value.isNull ? [] : [(name, value)]))
    }

    // MARK: Files

    /// The messages as JSON, one on each line.
    package var json: [UInt8] {
        let lines = (chat.array ?? []).map { message in
            var writer = JSONWriter()
            writer.value(message)
            return "  " + String(decoding: writer.finish(), as: UTF8.self)
        }
        return Array("[\n\(lines.joined(separator: ",\n"))\n]\n".utf8)
    }

    /// Goes on with messages that were written before.
    ///
    /// - Throws: ``CommandFailure`` for what is no chat.
    package mutating func load(_ json: [UInt8]) throws(CommandFailure) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: json)
        } catch {
            throw CommandFailure(message: "it is not JSON: \(error)")
        }
        var loaded = (value.array ?? []).compactMap(\.object)
        guard !loaded.isEmpty, loaded.count == value.array?.count,
            loaded.allSatisfy({ $0["role"]?.string != nil && $0["content"] != nil })
        else { throw CommandFailure(message: "it is no chat: a list of objects with role and content") }
        system = nil
        if loaded.first?["role"]?.string == "system", let text = loaded.first?["content"]?.string {
            system = text
            loaded.removeFirst()
        }
        messages = loaded
    }
}
