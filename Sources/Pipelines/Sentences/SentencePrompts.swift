/// Prompts that whoever loads a model of sentence-transformers gives it, above those of its
/// config_sentence_transformers.json.
public struct SentencePrompts: Sendable, Equatable {
    /// Texts put before a sentence, by name.
    public var texts: [String: String] = [:]
    /// The name of the prompt that counts if a request names none; nil for what the checkpoint says.
    public var defaultName: String?

    /// None.
    public init() {}

    /// True if there are none.
    package var isEmpty: Bool { texts.isEmpty && defaultName == nil }
}
