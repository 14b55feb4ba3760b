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
    init(_ entries: [(key: [UInt8], value: Int32)]) {
        units = Array(repeating: Unit(), count: 512)
        // The stable order of equal keys makes the last one come last.
        let order = entries.indices.sorted { left, right in
            let (a, b) = (entries[left].key, entries[right].key)
            return a.lexicographicallyPrecedes(b) || (a == b && left < right)
        }
        var free = (first: 1, end: 1)
        // Breadth first and without recursion: a key may be as long as a file.
        var pending: [(node: Node, keys: Range<Int>, depth: Int)] = [(Self.root, order.indices, 0)]
        var next = 0
        while next < pending.count {
            let (node, keys, depth) = pending[next]
            next += 1
            var index = keys.lowerBound
            while index < keys.upperBound, entries[order[index]].key.count == depth {
                units[Int(node)].value = entries[order[index]].value
                index += 1
            }
            if index > keys.lowerBound { count += 1 }
            var children: [(byte: UInt8, keys: Range<Int>)] = []
            while index < keys.upperBound {
                let byte = entries[order[index]].key[depth]
                let first = index
                while index < keys.upperBound, entries[order[index]].key[depth] == byte { index += 1 }
                children.append((byte, first..<index))
            }
            guard !children.isEmpty else { continue }
            let base = place(children.map(\.byte), &free)
            units[Int(node)].base = Int32(base)
            for (byte, keys) in children {
                let child = base + Int(byte)
                units[child].parent = node
                pending.append((Node(child), keys, depth + 1))
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

    /// Where `bytes` lead to, or nil when no key begins with them.
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

        /// Where one more byte leads to.
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
