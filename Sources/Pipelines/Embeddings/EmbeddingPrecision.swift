/// A precision in which the numbers of an embedding are stored, by the names of `quantize_embeddings` of
/// `sentence_transformers`.
public enum EmbeddingPrecision: String, Sendable, CaseIterable {
    /// Single precision: the numbers that are computed.
    case float32
    /// Half precision (IEEE 754 binary16), rounded to the nearest.
    case float16
    /// A signed byte for each number: its place in the range of its dimension, from -128 to 127.
    case int8
    /// An unsigned byte for each number: its place in the range of its dimension, from 0 to 255.
    case uint8
    /// A bit for each number, 1 if it is above 0; eight to a signed byte, the first the highest, less 128.
    case binary
    /// The same in unsigned bytes.
    case ubinary

    /// True if numbers are places in a range.
    var needsRanges: Bool { self == .int8 || self == .uint8 }

    /// The numbers that an embedding of so many dimensions has when it is stored.
    func count(ofDimensions width: Int) -> Int {
        switch self {
        case .float32, .float16, .int8, .uint8: width
        case .binary, .ubinary: (width + 7) / 8
        }
    }

    /// The bytes of a stored number.
    var bytesPerNumber: Int {
        switch self {
        case .float32: 4
        case .float16: 2
        case .int8, .uint8, .binary, .ubinary: 1
        }
    }
}
