/// What a text is to a model that makes a difference between what is looked for and where (`task` of
/// `sentence_transformers`).
public enum SentenceRole: String, Sendable, CaseIterable {
    /// What is looked for.
    case query
    /// Where it may be found.
    case document
}
