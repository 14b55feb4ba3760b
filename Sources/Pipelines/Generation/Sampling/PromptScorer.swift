/// Tells how likely the tokens of prompts are by the model alone, as ``TokenChooser`` tells it of those that it chooses.
package struct PromptScorer: Sendable {
    private var probabilities: ModelProbabilities

    /// - Parameter count: of likeliest tokens that are told at each place
    package init(likeliest count: Int) { probabilities = ModelProbabilities(top: count) }

    /// The token that stands at a place, with its probability, its rank, and the likeliest tokens of the place.
    ///
    /// - Parameter logits: the scores of all tokens of the vocabulary for the place
    /// - Throws: ``PipelineError`` for scores that are no numbers.
    package mutating func score(
        _ id: Int32, by logits: UnsafeMutableBufferPointer<Float>
    ) throws(PipelineError) -> ChosenToken {
        try probabilities.standing(id, by: logits)
    }
}
