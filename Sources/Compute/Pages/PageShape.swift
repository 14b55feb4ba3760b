import CKernels

/// The shape of a page, which holds keys and values of 64 tokens, for each layer and head, as the kernels read them.
///
/// Of a layer and head that is a panel of keys, `[units of headSize][64]`, and one of values,
/// `[units of 64 keys][headSize up to a multiple of 16]`. Pages of bytes have a byte for each number of these, and behind
/// them two scales for each token.
package struct PageShape: Sendable, Equatable {
    /// The tokens of a page.
    package static let tokens = Int(PENSTOCK_PAGE)
    /// The tokens of a range, which attention sums up by itself. Ranges start at multiples of it.
    package static let rangeTokens = Int(PENSTOCK_RANGE_PAGES) * tokens

    /// The number of layers.
    package let layers: Int
    /// The heads of keys and values of a layer.
    package let heads: Int
    /// The length of one head's vectors.
    package let headSize: Int
    /// The precision in which attention computes, and in which keys and values are stored unless they are bytes: float32 or
    /// bfloat16.
    package let precision: Precision
    /// True if keys and values are stored as bytes, with a scale for each token and head.
    package let hasBytes: Bool

    /// - Precondition: all are positive, and the precision is not that of bytes.
    package init(layers: Int, heads: Int, headSize: Int, precision: Precision, hasBytes: Bool = false) {
        precondition(layers > 0 && heads > 0 && headSize > 0 && precision != .int8)
        (self.layers, self.heads, self.headSize, self.precision) = (layers, heads, headSize, precision)
        self.hasBytes = hasBytes
    }

    /// The same pages with keys and values as attention computes with them.
    package var withoutBytes: PageShape {
        PageShape(layers: layers, heads: heads, headSize: headSize, precision: precision)
    }

    /// Units of a row of values.
    var columns: Int { (headSize + 15) / 16 * 16 }
    /// Units of the keys of a head, and of its values, as attention computes with them.
    private var keyUnits: Int { precision.units(headSize) * Self.tokens }
    private var valueUnits: Int { precision.units(Self.tokens) * columns }

    /// Units of the keys and values of a head.
    var headUnits: Int {
        guard hasBytes else { return keyUnits + valueUnits }
        return (keyUnits + valueUnits) * precision.numbersPerUnit / MemoryLayout<Float>.stride + 2 * Self.tokens
    }

    /// Units of what the bytes of keys, or of values, become before attention computes with them.
    var widenedUnits: Int { hasBytes ? max(keyUnits, valueUnits) : 0 }
    /// Units of a layer.
    var layerUnits: Int { heads * headUnits }

    /// The bytes of a page.
    package var bytes: Int { layers * layerUnits * MemoryLayout<Float>.stride }

    /// The pages that hold so many tokens of a sequence.
    package static func pages(for tokens: Int) -> Int { (tokens + Self.tokens - 1) / Self.tokens }
}
