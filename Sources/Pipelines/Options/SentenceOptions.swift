import PenstockJSON
import PenstockTokenizers

/// The options of all tasks that make embeddings: what is put before texts, and how they are cut.
public protocol SentenceOptions: TaskOptions {
    /// The ways to compare what is made of sentences.
    associatedtype Measure: RawRepresentable<String> & CaseIterable & Sendable

    /// A text put before each sentence; nil for the prompt of ``promptName``.
    var prompt: String? { get set }
    /// The name of a prompt of the checkpoint; nil for its default.
    var promptName: String? { get set }
    /// True if texts that are too long are cut; nil for what the checkpoint says.
    var truncates: Bool? { get set }
    /// The end at which they are cut; nil for what the checkpoint says.
    var truncationSide: Truncation.Direction? { get set }
    /// The measure by which sentences are compared; nil for what the checkpoint says.
    var similarity: Measure? { get set }
}

extension TaskOption where Options: SentenceOptions {
    /// Names that all such tasks have for the same option.
    static var synonyms: [(String, String)] { [("truncate", "truncation")] }

    static var ofSentences: [TaskOption] {
        [
            .text("prompt", \.prompt, "A text put before each sentence."),
            .text("prompt_name", \.promptName, "The name of a prompt of the checkpoint to put before each sentence."),
            .choice(
                "similarity_fn_name", \.similarity, Options.Measure.allCases.map { (.string($0.rawValue), $0) },
                "How sentences are compared; left out, the checkpoint decides."),
            .flag("truncate", \.truncates, "Cut texts that are too long."),
            .flag("truncation", \.truncates, "The same as truncate."),
            .choice(
                "truncation_direction", \.truncationSide, ignoresCase: true,
                [(.string("left"), .left), (.string("right"), .right)], "The end at which texts are cut."),
        ]
    }
}
