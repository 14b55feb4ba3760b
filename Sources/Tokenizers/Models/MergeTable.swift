/// The merges of a BPE model by their pairs of ids.
struct MergeTable: Sendable {
    /// A token that a pair becomes, and when.
    struct Merge: Sendable {
        /// Its place in the list: lower ones are made first.
        var rank: UInt32
        /// The token that the pair becomes.
        var id: Int32
    }

    fileprivate struct Slot {
        var pair: UInt64
        var merge: Merge
    }

    /// Stands for no pair: ids are not negative.
    private static let noPair = UInt64.max

    /// Open addressing; at least half of it is empty.
    private var slots: [Slot]
    private let hash = ByteHash()

    /// An empty table with room for `capacity` pairs.
    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: Slot(pair: Self.noPair, merge: Merge(rank: 0, id: 0)), count: size)
    }

    /// Adds a merge; it replaces an earlier one of the same pair.
    ///
    /// - Precondition: the table has room for it.
    mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
        let pair = Self.pair(left, right)
        let slot = slots.withUnsafeBufferPointer { place(of: pair, in: $0) }
        slots[slot] = Slot(pair: pair, merge: merge)
    }

    /// Gives `body` quick access.
    @inline(__always)
    func withReader<R>(_ body: (Reader) -> R) -> R {
        slots.withUnsafeBufferPointer { body(Reader(table: self, slots: $0)) }
    }

    /// Looks pairs up.
    struct Reader {
        fileprivate let table: MergeTable
        fileprivate let slots: UnsafeBufferPointer<Slot>

        /// Returns the token that the pair becomes.
        @inline(__always)
        subscript(left: Int32, right: Int32) -> Merge? {
            let pair = MergeTable.pair(left, right)
            let slot = slots[table.place(of: pair, in: slots)]
            return slot.pair == pair ? slot.merge : nil
        }
    }

    @inline(__always)
    private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Returns the slot that `pair` is in, or belongs in.
    @inline(__always)
    private func place(of pair: UInt64, in slots: UnsafeBufferPointer<Slot>) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash(pair)) & mask
        while slots[place].pair != pair, slots[place].pair != Self.noPair { place = (place + 1) & mask }
        return place
    }
}
