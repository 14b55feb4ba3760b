import PenstockCompute

/// The sizes that all layers of a decoder share.
struct DecoderShape: Sendable {
    let vocabSize: Int
    let hiddenSize: Int
    let layers: Int
    let heads: GroupedHeads
    let intermediateSize: Int
    /// True if the first product of a feed-forward makes two numbers for each of the second, one of which is a factor.
    var isGated = false
    /// The tokens of the longest sequence.
    let longestSequence: Int
    /// True if the head that makes logits has the weights of the embedding, if the file has no other for it.
    let tieWordEmbeddings: Bool
    /// Logits x become cap·tanh(x / cap); nil for no cap.
    var logitSoftcap: Float?
    /// The numbers of an embedding that is projected to a hidden state; nil if it is one.
    var embeddingSize: Int?
    /// The outputs of a classification head.
    let labels: Int
    /// The token of padding, at which no sequence ends for a head that classifies; nil for none.
    let padding: Int32?

    /// The numbers of queries, keys and values of a token, side by side.
    var projectionSize: Int { heads.querySize + 2 * heads.keySize }
}
