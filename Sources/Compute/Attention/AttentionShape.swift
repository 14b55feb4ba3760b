/// How attention reads its rows.
package struct AttentionShape: Sendable {
    /// The number of heads.
    package let heads: Int
    /// The length of one head's vectors.
    package let headSize: Int
    /// What a query–key product is multiplied by, usually 1/√headSize.
    package let scale: Float

    /// - Precondition: all are positive.
    package init(heads: Int, headSize: Int, scale: Float) {
        precondition(heads > 0 && headSize > 0 && scale > 0)
        self.heads = heads
        self.headSize = headSize
        self.scale = scale
    }
}
