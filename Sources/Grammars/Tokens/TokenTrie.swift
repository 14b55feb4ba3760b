/// Tokens by the bytes that they add to a text: a tree of their beginnings, as a list in which what is below a node
/// follows it.
struct TokenTrie: Sendable {
    /// A byte behind those of the nodes above.
    struct Node: Sendable {
        let byte: UInt8
        /// The number of bytes up to this one.
        let length: UInt16
        /// The place behind all that is below the node.
        var end: Int32
        /// The place in ``tokens`` of the first that ends here; those of the next node follow.
        let firstToken: Int32
        /// The groups of the bytes below the node.
        var groups: UInt64 = 0
    }

    private(set) var nodes: [Node] = []
    /// The tokens in the order of their bytes.
    private(set) var tokens: [Int32] = []
    /// Bytes of the longest token.
    private(set) var longest = 0
    /// Tokens that are longer are not in the tree.
    private static let mostBytes = 1024

    /// - Parameter entries: tokens with what they add; those that add nothing are left out
    init(_ entries: [(bytes: ArraySlice<UInt8>, token: Int32)]) {
        let sorted = entries.filter { !$0.bytes.isEmpty && $0.bytes.count <= Self.mostBytes }
            .sorted { first, second in
                if first.bytes == second.bytes { return first.token < second.token }
                return first.bytes.lexicographicallyPrecedes(second.bytes)
            }
        var path: [Int] = []
        var last = ArraySlice<UInt8>()
        for entry in sorted {
            var shared = 0
            for (one, two) in zip(last, entry.bytes) {
                guard one == two else { break }
                shared += 1
            }
            close(&path, to: shared)
            for (length, byte) in entry.bytes.enumerated().dropFirst(shared) {
                path.append(nodes.count)
                nodes.append(
                    Node(byte: byte, length: UInt16(length + 1), end: 0, firstToken: Int32(tokens.count)))
            }
            tokens.append(entry.token)
            longest = max(longest, entry.bytes.count)
            last = entry.bytes
        }
        close(&path, to: 0)
    }

    private mutating func close(_ path: inout [Int], to length: Int) {
        while path.count > length {
            let index = path.removeLast()
            nodes[index].end = Int32(nodes.count)
            guard let above = path.last else { continue }
            nodes[above].groups |= nodes[index].groups | ByteGroups.set(of: nodes[index].byte)
        }
    }

    /// The tokens that end at a node.
    func tokens(at index: Int) -> ArraySlice<Int32> { tokens[places(from: index, to: index + 1)] }

    /// The places of the tokens that end at some nodes.
    @inline(__always)
    func places(from first: Int, to end: Int) -> Range<Int> {
        Int(nodes[first].firstToken)..<(end < nodes.count ? Int(nodes[end].firstToken) : tokens.count)
    }

    /// Visits the nodes whose bytes lead from a state to another.
    ///
    /// - Parameters:
    ///   - start: the state at the root
    ///   - next: the state behind a byte
    ///   - leave: is called with the place of each node that leads to the dead state; what is below is left out
    ///   - enter: is called with the place of each other node, and its state; returns true if the nodes below are to be
    ///     visited, too
    /// - Returns: how many nodes were visited
    @inline(__always) @discardableResult
    func walk(
        from start: Int32, _ next: (_ state: Int32, _ byte: UInt8) throws(GrammarError) -> Int32,
        leave: (_ index: Int) -> Void, enter: (_ index: Int, _ state: Int32) -> Bool
    ) throws(GrammarError) -> Int {
        guard start != GrammarAutomaton.dead else { return 0 }
        var states = [Int32](repeating: start, count: longest + 1)
        var (index, visited) = (0, 0)
        while index < nodes.count {
            visited += 1
            let node = nodes[index]
            let state = try next(states[Int(node.length) - 1], node.byte)
            if state == GrammarAutomaton.dead {
                leave(index)
                index = Int(node.end)
            } else if enter(index, state) {
                states[Int(node.length)] = state
                index += 1
            } else {
                index = Int(node.end)
            }
        }
        return visited
    }
}

extension TokenTrie {
    /// The tokens that end at a node or below it.
    func tokens(below index: Int) -> ArraySlice<Int32> { tokens[places(from: index, to: Int(nodes[index].end))] }
}
