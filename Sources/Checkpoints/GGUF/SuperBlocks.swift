/// Blocks of 256 numbers in groups with scales of few bits, as `dequantize_row_q…_K` of GGML (`ggml-quants.c`) decodes them:
/// scales and minima of groups are products, which are rounded to float32.
enum SuperBlocks {
    /// 16 bytes of a scale and a minimum each, 64 bytes of q, f16 d, f16 dmin: (d·sc)·q − dmin·m.
    static let q2 = BlockPacking(.init(bits: 4, hasHalves: true, hasOffsets: true)) { bytes, index in
        let (scale, minimum) = (bytes.half(at: 80), bytes.half(at: 82))
        var block = pairs(bytes + 16, index)
        for half in 0..<2 {
            let bits = bytes.uint8(at: 2 * index + half)
            block.scales[half] = scale * Float(bits & 15)
            block.offsets[half] = -(minimum * Float(bits >> 4))
        }
        return block
    }

    /// 32 bytes of third bits, 64 bytes of q, 12 bytes of scales of 6 bits, f16 d: (d·(sc − 32))·(q − 4), without the 4
    /// where the third bit is set.
    static let q3 = BlockPacking(.init(bits: 4, hasHalves: true, zero: 4)) { bytes, index in
        let (scale, scales) = (bytes.half(at: 108), bytes + 96)
        var block = pairs(bytes + 32, index)
        block.low |= bit(index, of: bytes.bytes(at: 0)) &<< 2
        block.high |= bit(index, of: bytes.bytes(at: 16)) &<< 2
        for half in 0..<2 {
            let group = 2 * index + half
            let low = group < 8 ? scales.uint8(at: group) & 15 : scales.uint8(at: group - 8) >> 4
            let high = scales.uint8(at: 8 + group % 4) >> UInt8(2 * (group / 4)) & 3
            block.scales[half] = scale * Float(Int(low | high << 4) - 32)
        }
        return block
    }

    /// f16 d, f16 dmin, 12 bytes of scales and minima, 128 bytes of q: (d·sc)·q − dmin·m.
    static let q4 = BlockPacking(.init(bits: 4, hasOffsets: true)) { bytes, index in
        nibbles(bytes + 16, index, scaledBy: bytes)
    }

    /// f16 d, f16 dmin, 12 bytes of scales and minima, 32 bytes of fifth bits, 128 bytes of q: (d·sc)·q − dmin·m.
    static let q5 = BlockPacking(.init(bits: 5, hasOffsets: true)) { bytes, index in
        var block = nibbles(bytes + 48, index, scaledBy: bytes)
        block.low |= bit(index, of: bytes.bytes(at: 16)) &<< 4
        block.high |= bit(index, of: bytes.bytes(at: 32)) &<< 4
        return block
    }

    /// 128 bytes of low nibbles, 64 bytes of upper bits, 16 signed scales, f16 d: (d·sc)·(q − 32).
    static let q6 = BlockPacking(.init(bits: 6, hasHalves: true, zero: 32)) { bytes, index in
        let (part, place) = (index % 4, index / 4)
        let (low, upper) = (bytes + 64 * place + 32 * (part % 2), bytes + 128 + 32 * place)
        func codes(at offset: Int) -> SIMD16<UInt8> {
            let nibbles = low.bytes(at: offset)
            let high = upper.bytes(at: offset) &>> UInt8(2 * part) & 3
            return (part < 2 ? nibbles & 15 : nibbles &>> 4) | high &<< 4
        }
        let scale = bytes.half(at: 208)
        return NumberBlock(
            low: codes(at: 0), high: codes(at: 16),
            scales: SIMD2(
                scale * Float(bytes.int8(at: 192 + 2 * index)), scale * Float(bytes.int8(at: 193 + 2 * index))))
    }

    /// One bit of each byte.
    private static func bit(_ index: Int, of bytes: SIMD16<UInt8>) -> SIMD16<UInt8> { bytes &>> UInt8(index) & 1 }

    /// The two bits of numbers among 64 bytes, each of which has those of four numbers that are 32 apart.
    private static func pairs(_ bytes: UnsafeRawPointer, _ index: Int) -> NumberBlock {
        let (start, shift) = (bytes + 32 * (index / 4), UInt8(2 * (index % 4)))
        return NumberBlock(low: start.bytes(at: 0) &>> shift & 3, high: start.bytes(at: 16) &>> shift & 3)
    }

    /// The four bits of numbers among 128 bytes, each of which has those of two numbers that are 32 apart, with scales and
    /// minima of eight groups of 32 numbers: 6 bits each, those of the last four in two pieces.
    private static func nibbles(_ bytes: UnsafeRawPointer, _ index: Int, scaledBy block: UnsafeRawPointer)
        -> NumberBlock
    {
        let (start, shift) = (bytes + 32 * (index / 2), UInt8(4 * (index % 2)))
        let bits = block + 4
        let (own, next) = (bits.uint8(at: index), bits.uint8(at: index + 4))
        let (factor, offset): (UInt8, UInt8)
        if index < 4 {
            (factor, offset) = (own & 63, next & 63)
        } else {
            factor = next & 15 | (bits.uint8(at: index - 4) >> 6) << 4
            offset = next >> 4 | (own >> 6) << 4
        }
        return NumberBlock(
            low: start.bytes(at: 0) &>> shift & 15, high: start.bytes(at: 16) &>> shift & 15,
            scales: SIMD2(repeating: block.half(at: 0) * Float(factor)),
            offsets: SIMD2(repeating: -(block.half(at: 2) * Float(offset))))
    }
}
