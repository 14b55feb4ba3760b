/// A role that a text has for a model that makes a difference between queries and documents (`task` of
/// `sentence_transformers`).
public enum SentenceRole: String, Sendable, CaseIterable {
    /// A text that is looked for in documents.
    case query
    /// A text in which queries may be found.
    case document
}
