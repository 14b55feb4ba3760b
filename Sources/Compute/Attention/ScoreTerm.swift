/// A term that a model adds to the scores of attention before the softmax.
package enum ScoreTerms: Sendable {
    /// Nothing.
    case none
    /// A number for each head and distance, as MPNet and T5 learn it.
    case byDistance(DistanceTable)
    /// A number proportional to the distance.
    case alibi(ALiBi)
    /// Products of queries and keys with what stands for their distance, as DeBERTa has it.
    case disentangled(DisentangledTable)
}

/// A place that a term has in softmax(scale·q·kᵀ).
package enum TermPlace: Sendable {
    /// scale·(q·kᵀ + term)
    case beforeScale
    /// scale·q·kᵀ + term
    case afterScale

    /// Returns the factor by which a term becomes an addend of the products that the scale is applied to.
    func factor(_ scale: Float) -> Float {
        switch self {
        case .beforeScale: 1
        case .afterScale: 1 / scale
        }
    }
}

/// A term as an attention job computes it: for each query a run of addends, one for each key of the query's block.
///
/// A term is shared by all threads. What it makes ready lies in memory of the thread: what all queries of a head share,
/// such as numbers by distance, once per head; what is made of the queries and keys themselves, such as the products of
/// disentangled attention, once per block of queries.
protocol ScoreTerm {
    /// The units of memory for each thread, for sequences of up to `longest` tokens.
    func units(longest: Int) -> Int

    /// Makes ready what the queries of a head share.
    func prepare(_ head: AttentionHead, in memory: UnsafeMutablePointer<Float>)

    /// Makes ready what the queries of a block need beside that.
    func prepare(_ block: QueryBlock, of head: AttentionHead, in memory: UnsafeMutablePointer<Float>)

    /// The addends of the scores, before the scale, of the query at a position: one for each of `block.keys`, in order.
    /// Nil if nothing is added.
    func addends(
        ofQueryAt position: Int, _ block: QueryBlock, of head: AttentionHead, in memory: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float>?
}

extension ScoreTerm {
    func prepare(_ block: QueryBlock, of head: AttentionHead, in memory: UnsafeMutablePointer<Float>) {}
}

/// Nothing is added to the scores.
struct NoTerm: ScoreTerm {
    func units(longest: Int) -> Int { 0 }

    func prepare(_ head: AttentionHead, in memory: UnsafeMutablePointer<Float>) {}

    func addends(
        ofQueryAt position: Int, _ block: QueryBlock, of head: AttentionHead, in memory: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float>? { nil }
}
