/// The sizes by which attention reads its rows.
package struct AttentionShape: Sendable {
    /// The number of heads.
    package let heads: Int
    /// The length of one head's vectors.
    package let headSize: Int
    /// The factor of a query–key product, usually 1/√headSize.
    package let scale: Float

    /// Returns the precision in which queries, keys and values are stored if one is wanted: of another length than a
    /// divisor of 64, or of an odd one, heads are of float32.
    package func precision(_ wanted: Precision) -> Precision { hasHeadsInPanels ? wanted : .float32 }

    /// A head lies within a panel, and bfloat16 are looked up in pairs.
    var hasHeadsInPanels: Bool { Linear.panelWidth.isMultiple(of: headSize) && headSize.isMultiple(of: 2) }

    /// - Precondition: all are positive.
    package init(heads: Int, headSize: Int, scale: Float) {
        precondition(heads > 0 && headSize > 0 && scale > 0)
        self.heads = heads
        self.headSize = headSize
        self.scale = scale
    }
}
