/// A map from byte strings to ids that finds the longest key at a place in one walk.
///
/// A double array (Aoe 1989): the child of node `n` for byte `b` is unit `base(n) + b`, if that unit's parent is `n`.
struct ByteTrie: Sendable {
    /// A place in the trie: the bytes walked so far.
    typealias Node = Int32

    fileprivate struct Unit {
        var base: Int32 = 0
        var parent: Int32 = -1
        var value: Int32 = -1
    }

    /// Before the first byte.
    static let root: Node = 0

    /// Number of keys.
    private(set) var count = 0
    /// Has 256 units behind the last base, so that no byte leads outside.
    private var units: [Unit]

    /// A trie of these keys; of equal keys the last one counts.
    ///
    /// - Parameter entries: keys, and values that are not negative.
    init(_ entries: [(key: ArraySlice<UInt8>, value: Int32)]) {
        units = Array(repeating: Unit(), count: 512)
        var keys = SortedKeys(entries.map(\.key))
        var free = (first: 1, end: 1)
        var children: [(byte: UInt8, keys: Range<Int>)] = []
        // Breadth first and without recursion: a key may be as long as a file.
        var pending: [(node: Node, keys: Range<Int>, depth: Int)] = [(Self.root, entries.indices, 0)]
        var next = 0
        while next < pending.count {
            let (node, range, depth) = pending[next]
            next += 1
            if let last = keys.group(range, at: depth, into: &children) {
                units[Int(node)].value = entries[last].value
                count += 1
            }
            guard !children.isEmpty else { continue }
            let base = place(children.map(\.byte), &free)
            units[Int(node)].base = Int32(base)
            for (byte, range) in children {
                let child = base + Int(byte)
                units[child].parent = node
                pending.append((Node(child), range, depth + 1))
            }
        }
    }

    /// A base at which units are free for all of `bytes`, which are in ascending order.
    ///
    /// - Parameter free: the first free unit, and the one from which on all are.
    private mutating func place(_ bytes: [UInt8], _ free: inout (first: Int, end: Int)) -> Int {
        while free.first < free.end, !isFree(free.first) { free.first += 1 }
        let (low, high) = (Int(bytes[0]), Int(bytes[bytes.count - 1]))
        var base = max(free.first - low, 1)
        // After a few tries the end will do: a bound on the time at the cost of some units.
        let lastTry = base + 256
        while base < lastTry, !bytes.allSatisfy({ isFree(base + Int($0)) }) { base += 1 }
        if base == lastTry { base = max(free.end - low, 1) }
        free.end = max(free.end, base + high + 1)
        let needed = base + 512
        if needed > units.count { units += Array(repeating: Unit(), count: needed - units.count + units.count / 2) }
        return base
    }

    private func isFree(_ unit: Int) -> Bool { unit >= units.count || units[unit].parent < 0 }

    /// Returns the node that `bytes` lead to, or nil when no key begins with them.
    func node(after bytes: [UInt8]) -> Node? {
        withReader { reader in
            var node = Self.root
            for byte in bytes {
                guard let child = reader.child(of: node, byte) else { return nil }
                node = child
            }
            return node
        }
    }

    /// The value of the key `bytes`.
    func value(of bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
        withReader { reader in
            var node = Self.root
            for byte in bytes {
                guard let child = reader.child(of: node, byte) else { return nil }
                node = child
            }
            return reader.value(of: node)
        }
    }

    /// Gives `body` quick access.
    @inline(__always)
    func withReader<R>(_ body: (Reader) -> R) -> R {
        units.withUnsafeBufferPointer { body(Reader(units: $0)) }
    }

    /// Walks in the trie.
    struct Reader {
        fileprivate let units: UnsafeBufferPointer<Unit>

        /// Returns the node that one more byte leads to.
        @inline(__always)
        func child(of node: Node, _ byte: UInt8) -> Node? {
            let child = units[Int(node)].base &+ Int32(byte)
            return units[Int(child)].parent == node ? child : nil
        }

        /// The value of the key that ends here.
        @inline(__always)
        func value(of node: Node) -> Int32? {
            let value = units[Int(node)].value
            return value >= 0 ? value : nil
        }

        /// Calls `body` with every key that stands in `text` at `start`, shorter ones first. The empty key does not count.
        @inline(__always)
        func forEachMatch(
            in text: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (_ value: Int32, _ end: Int) -> Void
        ) {
            var node = ByteTrie.root
            var position = start
            while position < text.count, let child = child(of: node, text[position]) {
                node = child
                position += 1
                if let value = value(of: node) { body(value, position) }
            }
        }

        /// The longest key, of at least one byte beyond `node`, that stands in `text` at `start`.
        @inline(__always)
        func longestMatch(
            in text: UnsafeBufferPointer<UInt8>, from start: Int, node: Node
        ) -> (value: Int32, end: Int)? {
            var node = node
            var position = start
            var match: (value: Int32, end: Int)?
            while position < text.count, let child = child(of: node, text[position]) {
                node = child
                position += 1
                if let value = value(of: node) { match = (value, position) }
            }
            return match
        }
    }
}

/// Keys that are brought into order byte by byte, as far as someone asks.
private struct SortedKeys {
    private let keys: [ArraySlice<UInt8>]
    private var order: [Int32]
    private var scratch: [Int32] = []

    init(_ keys: [ArraySlice<UInt8>]) {
        self.keys = keys
        order = keys.indices.map { Int32($0) }
    }

    /// Sorts the keys in `range`, which are the same up to `depth`, by the byte there.
    ///
    /// - Parameter children: receives each byte with the range of its keys, in ascending order.
    /// - Returns: the last of the keys that end at `depth`, if any do.
    mutating func group(
        _ range: Range<Int>, at depth: Int, into children: inout [(byte: UInt8, keys: Range<Int>)]
    ) -> Int? {
        children.removeAll(keepingCapacity: true)
        guard range.count > 1 else {
            guard let index = order[range].first.map({ Int($0) }) else { return nil }
            guard keys[index].count > depth else { return index }
            children.append((keys[index][keys[index].startIndex + depth], range))
            return nil
        }
        // One place per byte, after one for the keys that end.
        var counts = Array(repeating: 0, count: 258)
        for index in order[range] { counts[place(of: index, at: depth) + 1] += 1 }
        for place in 1..<counts.count { counts[place] += counts[place - 1] }
        let starts = counts
        scratch = Array(order[range])
        for index in scratch {
            let place = place(of: index, at: depth)
            order[range.lowerBound + counts[place]] = index
            counts[place] += 1
        }
        for byte in 0..<256 where starts[byte + 2] > starts[byte + 1] {
            children.append(
                (UInt8(byte), range.lowerBound + starts[byte + 1]..<range.lowerBound + starts[byte + 2]))
        }
        return starts[1] > 0 ? Int(order[range.lowerBound + starts[1] - 1]) : nil
    }

    private func place(of index: Int32, at depth: Int) -> Int {
        let key = keys[Int(index)]
        return key.count > depth ? Int(key[key.startIndex + depth]) + 1 : 0
    }
}
