/// The thought at the end of a prompt.
enum PromptThought: Sendable {
    /// The prompt has begun it, so that the answer goes on with it.
    case begun
    /// The prompt has ended it, or is none that a thought follows.
    case ended
    /// The model begins it, if it does.
    case possible
}
