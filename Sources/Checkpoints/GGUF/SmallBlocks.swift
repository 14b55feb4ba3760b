/// Blocks of 32 numbers, as `dequantize_row_…` of GGML (`ggml-quants.c`) decodes them.
///
/// Integers of 4 bits are nibbles of 16 bytes: low ones are the first 16 numbers, high ones the rest.
enum SmallBlocks {
    /// f16 d, 16 bytes of q: d·(q − 8).
    static let q4WithoutMinimum = BlockPacking(.init(bits: 4, zero: 8)) { bytes, _ in
        block(nibbles: bytes.bytes(at: 2), scale: bytes.half(at: 0))
    }

    /// f16 d, f16 m, 16 bytes of q: d·q + m.
    static let q4WithMinimum = BlockPacking(.init(bits: 4, hasOffsets: true)) { bytes, _ in
        block(nibbles: bytes.bytes(at: 4), scale: bytes.half(at: 0), offset: bytes.half(at: 2))
    }

    /// f16 d, u32 of fifth bits, 16 bytes of q: d·(q − 16).
    static let q5WithoutMinimum = BlockPacking(.init(bits: 5, zero: 16)) { bytes, _ in
        var block = block(nibbles: bytes.bytes(at: 6), scale: bytes.half(at: 0))
        addFifthBits(bytes + 2, to: &block)
        return block
    }

    /// f16 d, f16 m, u32 of fifth bits, 16 bytes of q: d·q + m.
    static let q5WithMinimum = BlockPacking(.init(bits: 5, hasOffsets: true)) { bytes, _ in
        var block = block(nibbles: bytes.bytes(at: 8), scale: bytes.half(at: 0), offset: bytes.half(at: 2))
        addFifthBits(bytes + 4, to: &block)
        return block
    }

    /// f16 d, 32 signed bytes: d·q.
    static let q8 = BlockPacking(.init(bits: 8, zero: 128)) { bytes, _ in
        NumberBlock(
            low: bytes.bytes(at: 2) ^ 128, high: bytes.bytes(at: 18) ^ 128,
            scales: SIMD2(repeating: bytes.half(at: 0)))
    }

    /// f16 d, 16 bytes of q: d times an entry of a table.
    static let iq4 = BlockPacking(.init(bits: 4, zero: 128, values: unevenSteps.map { UInt8($0 + 128) })) { bytes, _ in
        block(nibbles: bytes.bytes(at: 2), scale: bytes.half(at: 0))
    }

    /// A byte e, 16 bytes of q: 2^(e − 128) times twice a number of two bits of exponent and one of mantissa (OCP
    /// Microscaling Formats 1.0, E8M0 and E2M1).
    static let mxfp4 = BlockPacking(.init(bits: 4, zero: 12, values: smallFloats.map { UInt8($0 + 12) })) { bytes, _ in
        let exponent = UInt32(bytes.uint8(at: 0))
        // The two least powers are below the normal numbers.
        let scale = Float(bitPattern: exponent < 2 ? 0x20_0000 << exponent : (exponent - 1) << 23)
        return block(nibbles: bytes.bytes(at: 1), scale: scale)
    }

    private static let unevenSteps = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
    private static let smallFloats = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]

    private static func block(nibbles: SIMD16<UInt8>, scale: Float, offset: Float = 0) -> NumberBlock {
        NumberBlock(
            low: nibbles & 15, high: nibbles &>> 4, scales: SIMD2(repeating: scale), offsets: SIMD2(repeating: offset))
    }

    private static func addFifthBits(_ bits: UnsafeRawPointer, to block: inout NumberBlock) {
        block.low |= spread(bits.uint8(at: 0), bits.uint8(at: 1))
        block.high |= spread(bits.uint8(at: 2), bits.uint8(at: 3))
    }

    /// 16 where a bit is set, for eight bits of each byte.
    private static func spread(_ first: UInt8, _ second: UInt8) -> SIMD16<UInt8> {
        let places = SIMD8<UInt8>(1, 2, 4, 8, 16, 32, 64, 128)
        let bits = SIMD16<UInt8>(
            lowHalf: SIMD8(repeating: first) & places, highHalf: SIMD8(repeating: second) & places)
        return SIMD16(repeating: 0).replacing(with: 16, where: bits .!= 0)
    }
}
