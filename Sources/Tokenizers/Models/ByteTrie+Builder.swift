extension ByteTrie {
    /// Puts keys into a double array, the nodes next to the root first: each gets the first base at which the units of
    /// all of its children are free.
    struct Builder {
        private(set) var units: [Unit] = []
        /// Number of keys.
        var count: Int { keys.count }
        private let keys: SortedKeys
        private var free = FreeUnits()
        private var lastBase = 0
        private var children: [(byte: UInt8, end: Int)] = []

        /// A builder for these keys.
        init(_ keys: SortedKeys) {
            self.keys = keys
            // A node for each byte at most, and few units between them that stay free.
            units.reserveCapacity(keys.byteCount + 512)
            units.append(contentsOf: repeatElement(Unit(), count: 512))
        }

        /// Places all keys.
        mutating func build() {
            // Breadth first and without recursion: a key may be as long as a file.
            var pending: [(node: Int, keys: Range<Int>, depth: Int)] = [(Int(ByteTrie.root), 0..<keys.count, 0)]
            var next = 0
            while next < pending.count {
                var (node, range, depth) = pending[next]
                next += 1
                if let first = range.first, keys.length(first) == depth {
                    units[node].value = keys.values[first]
                    range.removeFirst()
                }
                guard !range.isEmpty else { continue }
                let base = branch(at: node, range, depth)
                var start = range.lowerBound
                for (byte, end) in children {
                    pending.append((base + Int(byte), start..<end, depth + 1))
                    start = end
                }
            }
            units = Array(units.prefix(lastBase + 256))
        }

        /// Gives the node a base and a child for each byte that its keys have at `depth`.
        private mutating func branch(at node: Int, _ range: Range<Int>, _ depth: Int) -> Int {
            children.removeAll(keepingCapacity: true)
            var start = range.lowerBound
            while start < range.upperBound {
                let byte = keys.byte(depth, of: start)
                var end = start + 1
                while end < range.upperBound, keys.byte(depth, of: end) == byte { end += 1 }
                children.append((byte, end))
                start = end
            }
            let base = free.base(for: children)
            lastBase = max(lastBase, base)
            let needed = base + 256
            if needed > units.count {
                units.append(contentsOf: repeatElement(Unit(), count: needed - units.count + 4096))
            }
            units[node].base = Int32(base)
            for (byte, _) in children {
                units[base + Int(byte)].parent = Int32(node)
                free.take(base + Int(byte))
            }
            return base
        }
    }
}

/// Which units of a double array are free, a bit for each.
private struct FreeUnits {
    /// Set bits are taken; behind the last word all are free. The root is taken.
    private var taken: [UInt64] = [1]
    /// No word before this one has a free unit.
    private var firstWord = 0
    /// The unit from which on all are free.
    private var end = 1
    /// After so many words of bases the end will do: a bound on the time at the cost of some units.
    private static let mostWords = 4

    /// The first base at which the units of all children are free.
    mutating func base(for children: [(byte: UInt8, end: Int)]) -> Int {
        while firstWord < taken.count, taken[firstWord] == .max { firstWord += 1 }
        let firstFree = firstWord << 6 + (~bits(from: firstWord << 6)).trailingZeroBitCount
        let low = Int(children[0].byte)
        var base = max(firstFree - low, 1)
        for _ in 0..<Self.mostWords {
            var conflicts: UInt64 = 0
            for (byte, _) in children {
                conflicts |= bits(from: base + Int(byte))
                if conflicts == .max { break }
            }
            if conflicts != .max { return base + (~conflicts).trailingZeroBitCount }
            base += 64
        }
        return max(end - low, 1)
    }

    /// Marks a unit as taken.
    mutating func take(_ unit: Int) {
        if unit >> 6 >= taken.count { taken.append(contentsOf: repeatElement(0, count: unit >> 6 - taken.count + 1)) }
        taken[unit >> 6] |= 1 << UInt64(unit & 63)
        end = max(end, unit + 1)
    }

    /// The bits of 64 units from `unit` on.
    private func bits(from unit: Int) -> UInt64 {
        let (word, shift) = (unit >> 6, UInt64(unit & 63))
        let low = word < taken.count ? taken[word] >> shift : 0
        let high = word + 1 < taken.count && shift > 0 ? taken[word + 1] << (64 - shift) : 0
        return low | high
    }
}
