/// Byte strings in ascending order, each once, with a value each.
struct SortedKeys {
    /// The value of each key.
    private(set) var values: [Int32] = []
    /// The bytes of all keys, one behind the other, and where each begins and the last one ends.
    private var bytes: [UInt8] = []
    private var starts = [0]

    /// These keys; of equal ones the last one counts.
    init(_ entries: [(key: ArraySlice<UInt8>, value: Int32)]) {
        let order = Self.order(entries)
        values.reserveCapacity(order.count)
        starts.reserveCapacity(order.count + 1)
        bytes.reserveCapacity(entries.reduce(0) { $0 + $1.key.count })
        for (place, index) in order.enumerated() {
            let key = entries[index].key
            if place + 1 < order.count, entries[order[place + 1]].key == key { continue }
            values.append(entries[index].value)
            bytes.append(contentsOf: key)
            starts.append(bytes.count)
        }
    }

    /// Number of keys.
    var count: Int { values.count }

    /// Number of bytes of all keys.
    var byteCount: Int { bytes.count }

    /// Number of bytes of a key.
    func length(_ key: Int) -> Int { starts[key + 1] - starts[key] }

    /// A byte of a key.
    func byte(_ place: Int, of key: Int) -> UInt8 { bytes[starts[key] + place] }

    /// The entries' places in the order of their keys, equal ones in the order in which they came.
    private static func order(_ entries: [(key: ArraySlice<UInt8>, value: Int32)]) -> [Int] {
        var order = entries.enumerated().map { (head: head(of: $1.key), index: $0) }
        order.sort { first, second in
            if first.head != second.head { return first.head < second.head }
            let (one, other) = (entries[first.index].key, entries[second.index].key)
            if one.lexicographicallyPrecedes(other) { return true }
            return one == other && first.index < second.index
        }
        return order.map(\.index)
    }

    /// The first eight bytes as a number that is in the order of the keys.
    private static func head(of key: ArraySlice<UInt8>) -> UInt64 {
        var head: UInt64 = 0
        for byte in key.prefix(8) { head = head << 8 | UInt64(byte) }
        return head << UInt64(8 * (8 - min(8, key.count)))
    }
}
