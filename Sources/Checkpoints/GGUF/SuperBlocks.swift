/// Decodes blocks of 256 numbers in groups with scales of few bits, as `dequantize_row_q…_K` of GGML (`ggml-quants.c`) does:
/// each product and each sum is rounded to float32.
enum SuperBlocks {
    private static let count = 256

    /// 16 bytes of a scale and a minimum each, 64 bytes of q, f16 d, f16 dmin: (d·sc)·q − dmin·m.
    @Sendable static func q2(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        let (scale, minimum) = (Float(half: block.uint16(at: 80)), Float(half: block.uint16(at: 82)))
        for group in 0..<16 {
            let bits = block.uint8(at: group)
            let (factor, offset) = (scale * Float(bits & 15), minimum * Float(bits >> 4))
            for index in 16 * group..<16 * group + 16 {
                numbers[index] = factor * Float(pair(block + 16, index)) - offset
            }
        }
    }

    /// 32 bytes of third bits, 64 bytes of q, 12 bytes of scales of 6 bits, f16 d: (d·(sc − 32))·(q − 4), without the 4
    /// where the third bit is set.
    @Sendable static func q3(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        let (scale, scales) = (Float(half: block.uint16(at: 108)), block + 96)
        for group in 0..<16 {
            let low = group < 8 ? scales.uint8(at: group) & 15 : scales.uint8(at: group - 8) >> 4
            let high = scales.uint8(at: 8 + group % 4) >> UInt8(2 * (group / 4)) & 3
            let factor = scale * Float(Int(low | high << 4) - 32)
            for index in 16 * group..<16 * group + 16 {
                let hasBit = block.uint8(at: index % 32) >> UInt8(index / 32) & 1 == 1
                numbers[index] = factor * Float(Int(pair(block + 32, index)) - (hasBit ? 0 : 4))
            }
        }
    }

    /// The two bits of a number among 64 bytes, each of which has those of four numbers that are 32 apart.
    private static func pair(_ bytes: UnsafeRawPointer, _ index: Int) -> UInt8 {
        bytes.uint8(at: index / 128 * 32 + index % 32) >> UInt8(index % 128 / 32 * 2) & 3
    }

    /// f16 d, f16 dmin, 12 bytes of scales and minima, 128 bytes of q: (d·sc)·q − dmin·m.
    @Sendable static func q4(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        withGroups(of: block) { group, factor, offset in
            for index in 32 * group..<32 * group + 32 {
                numbers[index] = factor * Float(nibble(block + 16, index)) - offset
            }
        }
    }

    /// f16 d, f16 dmin, 12 bytes of scales and minima, 32 bytes of fifth bits, 128 bytes of q: (d·sc)·q − dmin·m.
    @Sendable static func q5(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        withGroups(of: block) { group, factor, offset in
            for index in 32 * group..<32 * group + 32 {
                let high = block.uint8(at: 16 + index % 32) >> UInt8(group) & 1
                numbers[index] = factor * Float(nibble(block + 48, index) | high << 4) - offset
            }
        }
    }

    /// The four bits of a number among 128 bytes, each of which has those of two numbers that are 32 apart.
    private static func nibble(_ bytes: UnsafeRawPointer, _ index: Int) -> UInt8 {
        let byte = bytes.uint8(at: index / 64 * 32 + index % 32)
        return index % 64 < 32 ? byte & 15 : byte >> 4
    }

    /// Scales and minima of eight groups of 32 numbers: 6 bits each, those of the last four in two pieces.
    private static func withGroups(
        of block: UnsafeRawPointer, _ body: (_ group: Int, _ factor: Float, _ offset: Float) -> Void
    ) {
        let (scale, minimum) = (Float(half: block.uint16(at: 0)), Float(half: block.uint16(at: 2)))
        let bits = block + 4
        for group in 0..<8 {
            let (own, next) = (bits.uint8(at: group), bits.uint8(at: group + 4))
            let (factor, offset): (UInt8, UInt8)
            if group < 4 {
                (factor, offset) = (own & 63, next & 63)
            } else {
                factor = next & 15 | (bits.uint8(at: group - 4) >> 6) << 4
                offset = next >> 4 | (own >> 6) << 4
            }
            body(group, scale * Float(factor), minimum * Float(offset))
        }
    }

    /// 128 bytes of low nibbles, 64 bytes of upper bits, 16 signed scales, f16 d: (d·sc)·(q − 32).
    @Sendable static func q6(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        let scale = Float(half: block.uint16(at: 208))
        for group in 0..<count / 16 {
            let factor = scale * Float(block.int8(at: 192 + group))
            for index in 16 * group..<16 * group + 16 {
                let (half, part, place) = (index / 128, index % 128 / 32, index % 32)
                let byte = block.uint8(at: 64 * half + 32 * (part % 2) + place)
                let low = part < 2 ? byte & 15 : byte >> 4
                let high = block.uint8(at: 128 + 32 * half + place) >> UInt8(2 * part) & 3
                numbers[index] = factor * Float(Int(low | high << 4) - 32)
            }
        }
    }
}
