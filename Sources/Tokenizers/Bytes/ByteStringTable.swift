/// A list of byte strings in which each is found by its bytes.
///
/// The strings lie end to end in one buffer, and open addressing finds them, so that a table of a hundred thousand
/// takes a few allocations.
struct ByteStringTable: Sendable {
    private var bytes: [UInt8] = []
    /// The place where each string ends in ``bytes``.
    private var ends: [Int] = []
    /// Indices of strings, -1 where there is none; at least half of it is empty.
    private var slots: [Int32]
    private let hash = ByteHash()

    /// A table with room for `capacity` strings.
    init(capacity: Int = 0) {
        slots = Array(repeating: -1, count: Self.slotCount(for: capacity))
        ends.reserveCapacity(capacity)
        bytes.reserveCapacity(capacity * 8)
    }

    private static func slotCount(for count: Int) -> Int {
        var size = 16
        while size < count * 2 { size *= 2 }
        return size
    }

    /// Number of strings, repeated ones included.
    var count: Int { ends.count }

    /// Puts `string` at the end of the list. Of equal strings the last one is found.
    ///
    /// - Returns: the index of the one that was found before.
    mutating func append(_ string: UnsafeBufferPointer<UInt8>) -> Int? {
        if (count + 1) * 2 > slots.count { grow() }
        let slot = slot(of: string)
        let earlier = slots[slot]
        slots[slot] = Int32(count)
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
        return earlier < 0 ? nil : Int(earlier)
    }

    /// The index of `string`.
    func index(of string: UnsafeBufferPointer<UInt8>) -> Int? {
        let index = slots[slot(of: string)]
        return index < 0 ? nil : Int(index)
    }

    /// The bytes of the string at `index`, which is within the list.
    func string(at index: Int) -> ArraySlice<UInt8> { bytes[range(of: index)] }

    private func range(of index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    /// Returns the slot that `string` is in, or belongs in.
    private func slot(of string: UnsafeBufferPointer<UInt8>) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash(string)) & mask
        bytes.withUnsafeBytes { bytes in
            while slots[slot] >= 0 {
                let range = range(of: Int(slots[slot]))
                guard range.count != string.count || !Self.areEqual(bytes, range, string) else { return }
                slot = (slot + 1) & mask
            }
        }
        return slot
    }

    @inline(__always)
    private static func areEqual(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ string: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard let base = bytes.baseAddress, let other = string.baseAddress else { return string.isEmpty }
        return (base + range.lowerBound).hasSameBytes(as: other, count: string.count)
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: -1, count: old.count * 2)
        bytes.withUnsafeBufferPointer { bytes in
            for index in old where index >= 0 {
                let mask = slots.count - 1
                var slot =
                    Int(truncatingIfNeeded: hash(UnsafeBufferPointer(rebasing: bytes[range(of: Int(index))]))) & mask
                while slots[slot] >= 0 { slot = (slot + 1) & mask }
                slots[slot] = index
            }
        }
    }
}
