/// One head of one sequence.
struct AttentionHead {
    /// The number of the head.
    let index: Int
    /// The positions of the queries in the sequence.
    let queries: Range<Int>
    /// The positions of the keys and values in the sequence.
    let keys: Range<Int>
    /// `[queries, headSize]`
    let queryRows: Matrix
    /// `[keys, headSize]`
    let keyRows: Matrix
    /// `[keys, headSize]`
    let valueRows: Matrix
    /// `[queries, headSize]`
    let output: Matrix
    /// The number that a query–key product is multiplied by.
    let scale: Float
    /// The instruction set of the thread.
    let kernels: Kernels

    /// The distances of keys from queries, key - query.
    var distances: Range<Int> {
        keys.lowerBound - (queries.upperBound - 1)..<keys.upperBound - queries.lowerBound
    }

    /// The most distances of a sequence of `longest` tokens.
    static func distanceCount(longest: Int) -> Int { max(0, 2 * longest - 1) }
}

/// Queries of a head that are computed together, and the keys that they are multiplied by.
struct QueryBlock {
    /// The positions of the queries.
    let queries: Range<Int>
    /// The positions of the keys: those that a query of the block sees, and from the start of a panel on those before.
    let keys: Range<Int>
}
