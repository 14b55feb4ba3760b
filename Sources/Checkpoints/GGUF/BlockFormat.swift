/// A form in which GGML stores the numbers of a row: one after the other, or in blocks with scales of their own.
struct BlockFormat: Sendable {
    /// The meaning of the bytes of a block.
    enum Numbers: Sendable {
        /// They are numbers already.
        case plain(Tensor.ElementType)
        /// They are packed into blocks.
        case packed(BlockPacking)
        /// The form is known, and not supported.
        case unsupported
    }

    /// Its number in files.
    let id: UInt32
    /// Its name, as GGML writes it.
    let name: String
    /// The numbers of a block.
    let elements: Int
    /// The bytes of a block.
    let bytes: Int
    let numbers: Numbers

    private init(_ id: UInt32, _ name: String, _ elements: Int, _ bytes: Int, _ numbers: Numbers) {
        (self.id, self.name, self.elements, self.bytes, self.numbers) = (id, name, elements, bytes, numbers)
    }

    private init(_ id: UInt32, _ element: Tensor.ElementType) {
        self.init(id, element.rawValue, 1, element.size, .plain(element))
    }

    /// The form of a number in files; nil for none.
    static func of(_ id: UInt32) -> BlockFormat? { all.first { $0.id == id } }

    /// The forms that files may have, in the order of their numbers.
    static let all: [BlockFormat] =
        [
            BlockFormat(0, .float32), BlockFormat(1, .float16),
            BlockFormat(2, "Q4_0", 32, 18, .packed(SmallBlocks.q4WithoutMinimum)),
            BlockFormat(3, "Q4_1", 32, 20, .packed(SmallBlocks.q4WithMinimum)),
            BlockFormat(6, "Q5_0", 32, 22, .packed(SmallBlocks.q5WithoutMinimum)),
            BlockFormat(7, "Q5_1", 32, 24, .packed(SmallBlocks.q5WithMinimum)),
            BlockFormat(8, "Q8_0", 32, 34, .packed(SmallBlocks.q8)),
            BlockFormat(10, "Q2_K", 256, 84, .packed(SuperBlocks.q2)),
            BlockFormat(11, "Q3_K", 256, 110, .packed(SuperBlocks.q3)),
            BlockFormat(12, "Q4_K", 256, 144, .packed(SuperBlocks.q4)),
            BlockFormat(13, "Q5_K", 256, 176, .packed(SuperBlocks.q5)),
            BlockFormat(14, "Q6_K", 256, 210, .packed(SuperBlocks.q6)),
            BlockFormat(20, "IQ4_NL", 32, 18, .packed(SmallBlocks.iq4)),
            BlockFormat(24, .int8), BlockFormat(25, .int16), BlockFormat(26, .int32), BlockFormat(27, .int64),
            BlockFormat(28, .float64), BlockFormat(30, .bfloat16),
            BlockFormat(39, "MXFP4", 32, 17, .packed(SmallBlocks.mxfp4)),
        ] + unsupported

    private static let unsupported: [BlockFormat] = [
        (9, "Q8_1"), (15, "Q8_K"), (16, "IQ2_XXS"), (17, "IQ2_XS"), (18, "IQ3_XXS"), (19, "IQ1_S"), (21, "IQ3_S"),
        (22, "IQ2_S"), (23, "IQ4_XS"), (29, "IQ1_M"), (34, "TQ1_0"), (35, "TQ2_0"), (40, "NVFP4"), (41, "Q1_0"),
    ].map { BlockFormat($0.0, $0.1, 0, 0, .unsupported) }

    /// The names of those that are supported.
    static var supportedNames: String {
        all.filter { if case .unsupported = $0.numbers { false } else { true } }.map(\.name).joined(separator: ", ")
    }
}
