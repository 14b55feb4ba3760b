/// Powers of e, sixteen at a time.
enum Exponential {
    /// Powers of e of numbers up to 0, with a relative error below 2e-7; 0 below -87. (The reduction and the polynomial
    /// are those of `expf` in Moshier's Cephes library.)
    @inline(__always)
    static func of(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let clamped = x.replacing(with: -87, where: x .< -87)
        // Adding 1.5 * 2^23 rounds to an integer, which then stands in the last bits.
        let shifted = clamped * 1.442_695_04 + 12_582_912
        let integer = shifted - 12_582_912
        let rest = clamped - integer * 0.693_359_375 + integer * 2.121_944_40e-4
        var sum = rest * 1.987_569_15e-4 + 1.398_199_950_7e-3
        sum = sum * rest + 8.333_451_907_3e-3
        sum = sum * rest + 4.166_579_589_4e-2
        sum = sum * rest + 1.666_666_545_9e-1
        sum = sum * rest + 5.000_000_120_1e-1
        let power = sum * rest * rest + rest + 1
        // The integer is within -126...0, so that its exponent is one of a normal number. What rounded it stands above the
        // bits that stay, and is meant to be pushed out.
        let exponent = (unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &+ 127) &<< 23
        return (power * unsafeBitCast(exponent, to: SIMD16<Float>.self)).replacing(with: 0, where: x .< -87)
    }
}
