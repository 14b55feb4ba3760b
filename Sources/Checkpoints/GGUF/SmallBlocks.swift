/// Decodes blocks of 32 numbers, as `dequantize_row_…` of GGML (`ggml-quants.c`) does: each product and each sum is
/// rounded to float32.
///
/// Integers of 4 bits are nibbles of 16 bytes: low ones are the first 16 numbers, high ones the rest.
enum SmallBlocks {
    private static let half = 16

    /// f16 d, 16 bytes of q: d·(q − 8).
    @Sendable static func q4WithoutMinimum(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        let scale = Float(half: block.uint16(at: 0))
        for index in 0..<half {
            let byte = block.uint8(at: 2 + index)
            numbers[index] = scale * Float(Int(byte & 15) - 8)
            numbers[half + index] = scale * Float(Int(byte >> 4) - 8)
        }
    }

    /// f16 d, f16 m, 16 bytes of q: d·q + m.
    @Sendable static func q4WithMinimum(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        let (scale, minimum) = (Float(half: block.uint16(at: 0)), Float(half: block.uint16(at: 2)))
        for index in 0..<half {
            let byte = block.uint8(at: 4 + index)
            numbers[index] = scale * Float(byte & 15) + minimum
            numbers[half + index] = scale * Float(byte >> 4) + minimum
        }
    }

    /// f16 d, u32 of fifth bits, 16 bytes of q: d·(q − 16).
    @Sendable static func q5WithoutMinimum(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        let (scale, high) = (Float(half: block.uint16(at: 0)), block.uint32(at: 2))
        for index in 0..<half {
            let byte = block.uint8(at: 6 + index)
            let (low, upper) = (fifthBit(high, index), fifthBit(high, half + index))
            numbers[index] = scale * Float(Int(byte & 15 | low) - 16)
            numbers[half + index] = scale * Float(Int(byte >> 4 | upper) - 16)
        }
    }

    /// f16 d, f16 m, u32 of fifth bits, 16 bytes of q: d·q + m.
    @Sendable static func q5WithMinimum(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        let (scale, minimum) = (Float(half: block.uint16(at: 0)), Float(half: block.uint16(at: 2)))
        let high = block.uint32(at: 4)
        for index in 0..<half {
            let byte = block.uint8(at: 8 + index)
            numbers[index] = scale * Float(byte & 15 | fifthBit(high, index)) + minimum
            numbers[half + index] = scale * Float(byte >> 4 | fifthBit(high, half + index)) + minimum
        }
    }

    private static func fifthBit(_ bits: UInt32, _ index: Int) -> UInt8 { UInt8(bits >> UInt32(index) & 1) << 4 }

    /// f16 d, 32 signed bytes: d·q.
    @Sendable static func q8(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        let scale = Float(half: block.uint16(at: 0))
        for index in 0..<2 * half { numbers[index] = scale * Float(block.int8(at: 2 + index)) }
    }

    /// f16 d, 16 bytes of q: d times an entry of a table.
    @Sendable static func iq4(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        lookUp(block + 2, in: unevenSteps, scale: Float(half: block.uint16(at: 0)), numbers)
    }

    /// A byte e, 16 bytes of q: 2^(e − 128) times twice a number of two bits of exponent and one of mantissa (OCP
    /// Microscaling Formats 1.0, E8M0 and E2M1).
    @Sendable static func mxfp4(_ block: UnsafeRawPointer, _ numbers: UnsafeMutablePointer<Float>) {
        let exponent = UInt32(block.uint8(at: 0))
        // The two least powers are below the normal numbers.
        let scale = Float(bitPattern: exponent < 2 ? 0x20_0000 << exponent : (exponent - 1) << 23)
        lookUp(block + 1, in: smallFloats, scale: scale, numbers)
    }

    private static func lookUp(
        _ bytes: UnsafeRawPointer, in table: [Float], scale: Float, _ numbers: UnsafeMutablePointer<Float>
    ) {
        table.withUnsafeBufferPointer { table in
            for index in 0..<half {
                let byte = bytes.uint8(at: index)
                numbers[index] = scale * table[Int(byte & 15)]
                numbers[half + index] = scale * table[Int(byte >> 4)]
            }
        }
    }

    private static let unevenSteps: [Float] = [
        -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
    ]
    private static let smallFloats: [Float] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]
}

extension UnsafeRawPointer {
    /// The byte at an offset.
    func uint8(at offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
    /// The signed byte at an offset.
    func int8(at offset: Int) -> Int8 { load(fromByteOffset: offset, as: Int8.self) }
    /// The little-endian number at an offset.
    func uint16(at offset: Int) -> UInt16 {
        UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
    /// The little-endian number at an offset.
    func uint32(at offset: Int) -> UInt32 {
        UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
