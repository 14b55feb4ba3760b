/// Numbers of half precision (IEEE 754 binary16) by their bits.
package enum HalfPrecision {
    /// The distance of the exponents' biases of single and half precision.
    private static let biasDistance: UInt32 = 112
    /// The smallest number that has all its digits.
    private static let smallestNormal: Float = 0x1p-14
    /// The least number that would be rounded to infinity.
    private static let limit: Float = 65520

    /// The bits of the nearest number of half precision, of two the even one; nil if that is infinite or none.
    package static func bits(nearestTo number: Float) -> UInt16? {
        let magnitude = number.magnitude
        guard magnitude < limit else { return nil }
        let sign: UInt16 = number.sign == .minus ? 0x8000 : 0
        guard magnitude >= smallestNormal else { return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven)) }
        let bits = magnitude.bitPattern
        let rounded = bits + 0xFFF + (bits >> 13 & 1)
        return sign | UInt16(rounded >> 13 - biasDistance << 10)
    }

    /// The number of some bits that are no infinity.
    package static func number(_ bits: UInt16) -> Float {
        let magnitude = UInt32(bits & 0x7FFF)
        let number =
            magnitude < 0x400
            ? Float(magnitude) * 0x1p-24 : Float(bitPattern: magnitude << 13 + biasDistance << 23)
        return bits & 0x8000 == 0 ? number : -number
    }
}
