/// A set of scalars, one bit for each of the first three planes; those beyond are not in it.
struct ScalarBitmap: Sendable {
    private static let end: UInt32 = 0x30000
    private var words = [UInt64](repeating: 0, count: Int(end / 64))

    /// The scalars of `blocks` for which `isMember` holds.
    init(_ blocks: [ClosedRange<UInt32>], where isMember: (Unicode.Scalar) -> Bool) {
        for value in blocks.joined() where value < Self.end {
            if let scalar = Unicode.Scalar(value), isMember(scalar) {
                words[Int(value >> 6)] |= 1 << UInt64(value & 63)
            }
        }
    }

    @inline(__always)
    func contains(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < Self.end && words[Int(scalar.value >> 6)] >> UInt64(scalar.value & 63) & 1 != 0
    }
}
