/// The purpose of a matrix in its layer.
package enum WeightRole: Sendable, CaseIterable {
    /// It makes queries or keys.
    case scores
    /// It makes values.
    case values
    /// It is applied to what attention gives.
    case attentionOutput
    /// It makes the inner numbers of a feed-forward part, or the gates of these.
    case feedForwardInput
    /// It makes a hidden state of the inner numbers of a feed-forward part.
    case feedForwardOutput
    /// Anything else.
    case other
}

extension WeightRole {
    /// The form of its weights in ``WeightFormat/int4``. Bits are where errors count most: errors of values and of what
    /// is made of them, and of what a feed-forward part is made of, reach all that follows; those of queries and keys
    /// are little behind a softmax.
    var int4Form: BlockForm {
        switch self {
        case .scores: .withOffsets(bits: 4)
        case .feedForwardOutput: .integers(bits: 5)
        case .values, .attentionOutput, .feedForwardInput, .other: .integers(bits: 6)
        }
    }
}
