/// A map from byte strings to ids that finds the longest key at a place in one walk.
///
/// A double array (Aoe 1989): the child of node `n` for byte `b` is unit `base(n) + b`, if that unit's parent is `n`.
struct ByteTrie: Sendable {
    /// A place in the trie: the bytes walked so far.
    typealias Node = Int32

    struct Unit {
        var base: Int32 = 0
        var parent: Int32 = -1
        var value: Int32 = -1
    }

    /// Before the first byte.
    static let root: Node = 0

    /// Number of keys.
    let count: Int
    /// Has 256 units behind the last base, so that no byte leads outside.
    private let units: [Unit]

    /// A trie of these keys; of equal keys the last one counts.
    ///
    /// - Parameter entries: keys, and values that are not negative.
    init(_ entries: [(key: ArraySlice<UInt8>, value: Int32)]) {
        var builder = Builder(SortedKeys(entries))
        builder.build()
        (units, count) = (builder.units, builder.count)
    }

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
        let units: UnsafeBufferPointer<Unit>

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
