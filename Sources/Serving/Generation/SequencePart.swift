import PenstockModels

/// The part of a sequence that is in a step.
struct SequencePart {
    /// The parts that are appended to the pages of each of its decoders.
    var appended: [(decoder: DecoderSequence, ids: ArraySlice<Int32>)] = []
    /// The tokens of the prompt by whose logits those behind them are scored, counted from the first of the sequence.
    var scored = 0..<0
    /// Rows of logits of each decoder by which tokens are chosen: those of its last tokens.
    var chosen = 0
    /// True if nothing of the sequence is missing behind it.
    var isComplete = false

    /// Rows of logits of all decoders.
    var rows: Int { scored.count + chosen * appended.count }

    /// The tokens of which logits are made, of so many that are appended to a decoder.
    func reading(of count: Int, behind length: Int) -> DecoderStep.Reading {
        guard scored.isEmpty else {
            return .some(scored.map { $0 - length } + Array(count - chosen..<count))
        }
        return chosen > 0 ? .from(count - chosen) : .nothing
    }
}
