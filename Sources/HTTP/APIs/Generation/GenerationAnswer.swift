import PenstockPipelines
import PenstockServing

/// An answer as it is known before its first token.
struct GenerationHead: Sendable {
    /// The name of the model that answers.
    let model: String
    /// Nanoseconds since 1970.
    let time = WallClock.nanoseconds()
    /// Tokens of the prompts.
    let promptTokens: Int
    /// True if the prompt of a chat has begun a thought, with which the text goes on.
    let opensThought: Bool

    /// Seconds since 1970.
    var created: Int { Int(time / 1_000_000_000) }

    /// A new id.
    ///
    /// - Parameter prefix: what it begins with, such as `chatcmpl-`
    static func id(_ prefix: String) -> String { prefix + RequestID.made() + RequestID.made().prefix(8) }
}

/// The facts of an answer that has ended, beside its texts.
struct GenerationSummary: Sendable {
    /// Its tokens, and the time of the first.
    let facts: GenerationFacts
    /// The times that it took.
    let timing: RequestTiming
}

/// An answer that is told as a whole.
struct GenerationAnswer: Sendable {
    let head: GenerationHead
    /// The texts of each prompt.
    let outputs: [TextGeneration.Output]
    let summary: GenerationSummary
}
