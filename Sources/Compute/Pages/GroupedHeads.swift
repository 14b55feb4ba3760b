/// Heads of queries, of which neighbours share a head of keys and values (Ainslie et al. 2023, "GQA").
package struct GroupedHeads: Sendable, Equatable {
    /// The heads of queries.
    package let heads: Int
    /// The heads of keys and values.
    package let keyHeads: Int
    /// The length of one head's vectors.
    package let headSize: Int
    /// The factor of a query–key product, usually 1/√headSize.
    package let scale: Float
    /// Scores s become cap·tanh(s / cap), as in Gemma 2; nil for no cap.
    package let softcap: Float?

    /// - Precondition: all are positive, and the heads of keys divide those of queries.
    package init(heads: Int, keyHeads: Int, headSize: Int, scale: Float, softcap: Float? = nil) {
        precondition(heads > 0 && keyHeads > 0 && headSize > 0 && scale > 0 && heads.isMultiple(of: keyHeads))
        precondition(softcap.map { $0 > 0 } ?? true)
        (self.heads, self.keyHeads, self.headSize) = (heads, keyHeads, headSize)
        (self.scale, self.softcap) = (scale, softcap)
    }

    /// The heads of queries that share a head of keys.
    package var group: Int { heads / keyHeads }
    /// The numbers of the queries of a token.
    package var querySize: Int { heads * headSize }
    /// The numbers of the keys of a token, and of its values.
    package var keySize: Int { keyHeads * headSize }
    /// The factor of greatest scores when parts are merged: capped ones are scaled already.
    var mergeScale: Float { softcap == nil ? scale : 1 }
}
