import CKernels
import PenstockCompute
import PenstockTestSupport

extension Precision {
    /// The precision as the kernels know it.
    var code: penstock_precision {
        switch self {
        case .float32: penstock_precision_float32
        case .bfloat16: penstock_precision_bfloat16
        case .int8: penstock_precision_int8
        }
    }

    /// The numbers that share a unit of 32 bits.
    var numbers: Int {
        switch self {
        case .float32: 1
        case .bfloat16: 2
        case .int8: 4
        }
    }

    /// The units of so many numbers, the last of which may not be full.
    func unitCount(_ count: Int) -> Int { (count + numbers - 1) / numbers }

    /// Lays numbers into a unit, the first one lowest. Bytes are given by their value, signed or not.
    func unit(_ values: some Sequence<Float>) -> Float {
        var bits: UInt32 = 0
        for (index, value) in values.enumerated() {
            switch self {
            case .float32: return value
            case .bfloat16: bits |= UInt32(value.nearestBFloat16) << UInt32(16 * index)
            case .int8: bits |= UInt32(UInt8(truncatingIfNeeded: Int(value))) << UInt32(8 * index)
            }
        }
        return Float(bitPattern: bits)
    }
}

extension Float {
    /// The upper half of the bits of the nearest bfloat16, of two the even one: found by distance, not by carries.
    var nearestBFloat16: UInt16 {
        let upper = UInt16(bitPattern >> 16)
        if isNaN { return upper | 0x40 }
        if isInfinite { return upper }
        let below = Double(Float(bFloat16: upper).magnitude)
        let above = upper & 0x7FFF == 0x7F7F ? 0x1p128 : Double(Float(bFloat16: upper + 1).magnitude)
        let (down, up) = (Double(magnitude) - below, above - Double(magnitude))
        return down < up || down == up && upper.isMultiple(of: 2) ? upper : upper + 1
    }

    init(bFloat16 bits: UInt16) { self.init(bitPattern: UInt32(bits) << 16) }

    /// Whether it is the bfloat16 of these bits. Instructions for bfloat16 may take subnormal numbers for zero.
    static func isBFloat16(_ found: UInt16, of x: Float, _ kernels: Kernels) -> Bool {
        if x.isNaN { return Float(bFloat16: found).isNaN }
        if kernels.table.pointee.has_bfloat16 != 0 && x.isSubnormal && found & 0x7FFF == 0 { return true }
        return found == x.nearestBFloat16
    }
}

extension Buffer {
    /// The numbers of bfloat16 in the units.
    var bFloat16s: [UInt16] {
        values.flatMap { [UInt16(truncatingIfNeeded: $0.bitPattern), UInt16($0.bitPattern >> 16)] }
    }

    /// The bytes of the units.
    var bytes: [UInt8] {
        values.flatMap { unit in (0..<4).map { UInt8(truncatingIfNeeded: unit.bitPattern >> (8 * $0)) } }
    }
}
