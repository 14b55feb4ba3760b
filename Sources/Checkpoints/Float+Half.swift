extension Float {
    /// A number of half precision, whose exponent has another bias: a product moves it, also of numbers below the normal
    /// ones.
    init(half bits: UInt16) {
        let sign = UInt32(bits & 0x8000) << 16
        let magnitude = UInt32(bits & 0x7FFF) << 13
        let isFinite = bits & 0x7C00 != 0x7C00
        let value = isFinite ? (Float(bitPattern: magnitude) * 0x1p112).bitPattern : magnitude | 0x7F80_0000
        self.init(bitPattern: sign | value)
    }
}
