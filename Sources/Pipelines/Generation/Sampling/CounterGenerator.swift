/// Random bits as a function of a key and a counter, without state: Philox4x32-10. (Salmon et al. 2011, "Parallel
/// random numbers: as easy as 1, 2, 3".)
package struct CounterGenerator: Sendable {
    private let key: (UInt32, UInt32)

    /// The numbers of a seed.
    package init(seed: UInt64) { key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)) }

    /// The four words of a counter.
    package func words(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
        var (state, key) = (counter, key)
        for _ in 0..<10 {
            let first = UInt64(0xD251_1F53) * UInt64(state[0])
            let second = UInt64(0xCD9E_8D57) * UInt64(state[2])
            state = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ state[1] ^ key.0, UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ state[3] ^ key.1, UInt32(truncatingIfNeeded: first))
            key = (key.0 &+ 0x9E37_79B9, key.1 &+ 0xBB67_AE85)
        }
        return state
    }

    /// A number from 0 to 1, below 1, for a place of a choice.
    ///
    /// - Parameters:
    ///   - position: of the token in its sequence
    ///   - choice: which of the answers to a prompt
    ///   - index: which of several numbers of that place
    func uniform(position: Int, choice: Int, index: UInt32 = 0) -> Double {
        let words = words(
            SIMD4(
                UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32),
                UInt32(truncatingIfNeeded: choice), index))
        let bits = UInt64(words[0]) << 32 | UInt64(words[1])
        return Double(bits >> 11) * 0x1p-53
    }
}
