import Synchronization

/// A grammar over the tokens of a vocabulary: which of them may come where. Any number of threads may ask at a time.
///
/// It remembers what it finds within bounds, for all texts of the grammar together.
package final class TokenMatcher: Sendable {
    private let vocabulary: TokenVocabulary
    private let state: Mutex<State>

    private struct State {
        var automaton: GrammarAutomaton
        var masks: [MaskKey: TokenMask] = [:]
        /// Configurations that may yet be looked at for all texts.
        var workLeft = TokenMatcher.most.work
    }

    private struct MaskKey: Hashable {
        let state: Int32
        let isFirst: Bool
    }

    /// A place in a text of the grammar.
    package struct Position: Sendable {
        /// True in front of the first token.
        fileprivate let isFirst: Bool
        fileprivate let state: Int32
        fileprivate let epoch: Int
    }

    /// The tokens that may come at a place.
    package struct Choices: Sendable {
        /// The tokens by which the text goes on.
        package let tokens: TokenMask
        /// True if the text may end.
        package let mayEnd: Bool
    }

    /// Bytes of masks that are remembered; configurations that may be looked at for one question, and for all until no more
    /// than a few for each, so that no form takes the time of others for long.
    private static let most = (maskBytes: 4 << 20, workOfOne: 1_000_000, work: 20_000_000)
    /// Configurations that may be looked at once more for each question, and for each token that is followed.
    private static let more = (ofQuestion: 50_000, ofToken: 500)
    /// Nodes of the tree of tokens that take as long as one configuration.
    private static let nodesOfWork = 4

    package init(_ grammar: Grammar, _ vocabulary: TokenVocabulary) {
        self.vocabulary = vocabulary
        state = Mutex(State(automaton: GrammarAutomaton(grammar)))
    }

    /// The place behind tokens.
    ///
    /// - Parameters:
    ///   - position: a place in front of them that is known; nil for none
    ///   - tokens: those of the whole text
    ///   - known: how many of them stand in front of the known place
    /// - Throws: ``GrammarError`` if the text can go on in too many ways at a time.
    package func position(
        _ position: Position?, behind tokens: some RandomAccessCollection<Int32>, known: Int
    ) throws(GrammarError) -> Position {
        try locked { (state) throws(GrammarError) in
            if state.automaton.isFull {
                state.automaton.forget()
                state.masks = [:]
            }
            let isKnown = position?.epoch == state.automaton.epoch
            let done = isKnown ? known : 0
            state.automaton.workLeft += max(0, tokens.count - done) * Self.more.ofToken
            var place = isKnown ? position?.state ?? GrammarAutomaton.dead : try state.automaton.start()
            var isFirst = done == 0
            for token in tokens.dropFirst(done) {
                let bytes = self.vocabulary.bytes(of: token, isFirst: isFirst)
                isFirst = false
                // A token that adds nothing is no part of a text.
                if bytes.isEmpty { place = GrammarAutomaton.dead }
                for byte in bytes where place != GrammarAutomaton.dead {
                    place = try state.automaton.next(place, byte)
                }
            }
            return Position(isFirst: tokens.isEmpty, state: place, epoch: state.automaton.epoch)
        }
    }

    /// The tokens that may come at a place, found by ``position(_:behind:known:)``; nil if what was known of the place is
    /// forgotten, so that it has to be found again.
    ///
    /// - Throws: ``GrammarError`` if the text can go on in too many ways at a time.
    package func choices(at position: Position) throws(GrammarError) -> Choices? {
        try locked { (state) throws(GrammarError) in
            guard position.epoch == state.automaton.epoch else { return nil }
            let key = MaskKey(state: position.state, isFirst: position.isFirst)
            let mayEnd = state.automaton.mayEnd(in: position.state)
            if let known = state.masks[key] { return Choices(tokens: known, mayEnd: mayEnd) }
            let mask = try self.mask(position, &state)
            let bytes = (self.vocabulary.count + 7) / 8
            if (state.masks.count + 1) * bytes > Self.most.maskBytes { state.masks = [:] }
            state.masks[key] = mask
            return Choices(tokens: mask, mayEnd: mayEnd)
        }
    }

    private func locked<Result>(
        _ body: (inout State) throws(GrammarError) -> Result
    ) throws(GrammarError) -> Result {
        try state.withLock { (state) throws(GrammarError) in
            let left = min(state.workLeft + Self.more.ofQuestion, Self.most.work)
            let given = min(left, Self.most.workOfOne)
            state.automaton.workLeft = given
            defer { state.workLeft = min(left - given + max(0, state.automaton.workLeft), Self.most.work) }
            return try body(&state)
        }
    }

    // MARK: Masks

    private func mask(_ position: Position, _ state: inout State) throws(GrammarError) -> TokenMask {
        var bits = TokenBits(count: vocabulary.count)
        let tokens = vocabulary.tokens(isFirst: position.isFirst)
        var rest = position.state
        if !position.isFirst { rest = try addStringTokens(at: position.state, to: &bits, &state) }
        if try fitsMost(tokens.trie, from: rest, &state) {
            var others = tokens.all
            try removeUnfit(tokens.trie, from: rest, of: &others, &state)
            bits.formUnion(others)
        } else {
            try addFitting(tokens.trie, from: rest, to: &bits, &state)
        }
        return TokenMask(bits)
    }

    /// Tells whether most tokens of a tree have a first byte that fits.
    private func fitsMost(
        _ trie: TokenTrie, from start: Int32, _ state: inout State
    ) throws(GrammarError) -> Bool {
        var (fitting, index) = (0, 0)
        while start != GrammarAutomaton.dead, index < trie.nodes.count {
            let node = trie.nodes[index]
            let isFitting = try state.automaton.next(start, node.byte) != GrammarAutomaton.dead
            if isFitting { fitting += trie.tokens(below: index).count }
            index = Int(node.end)
        }
        return fitting > trie.tokens.count / 2
    }

    /// Adds the tokens of a tree that lead somewhere.
    ///
    /// All that are below a node fit if no byte below it leaves the node's state.
    private func addFitting(
        _ trie: TokenTrie, from start: Int32, to bits: inout TokenBits, _ state: inout State
    ) throws(GrammarError) {
        let visited = try trie.walk(from: start) { (place, byte) throws(GrammarError) in
            try state.automaton.next(place, byte)
        } leave: { _ in
        } enter: { index, place in
            let isLeft = state.automaton.mayLeave(place, by: trie.nodes[index].groups)
            let end = isLeft ? index + 1 : Int(trie.nodes[index].end)
            for place in trie.places(from: index, to: end) { bits.insert(trie.tokens[place]) }
            return isLeft
        }
        try state.automaton.spend(visited / Self.nodesOfWork)
    }

    /// Removes the tokens of a tree that lead nowhere.
    private func removeUnfit(
        _ trie: TokenTrie, from start: Int32, of bits: inout TokenBits, _ state: inout State
    ) throws(GrammarError) {
        let visited = try trie.walk(from: start) { (place, byte) throws(GrammarError) in
            try state.automaton.next(place, byte)
        } leave: { index in
            let end = Int(trie.nodes[index].end)
            for place in trie.places(from: index, to: end) { bits.remove(trie.tokens[place]) }
        } enter: { index, place in
            state.automaton.mayLeave(place, by: trie.nodes[index].groups)
        }
        try state.automaton.spend(visited / Self.nodesOfWork)
    }

    /// Adds the tokens that begin with a character of a string, at a place within one.
    ///
    /// - Returns: the state of the other ways in which the text may go on.
    private func addStringTokens(
        at place: Int32, to bits: inout TokenBits, _ state: inout State
    ) throws(GrammarError) -> Int32 {
        let grammar = state.automaton.grammar
        var others: [Configuration] = []
        // The strings that may end, and how many more characters they may have, by what follows them.
        var strings: [Int32: [ClosedRange<Int32>]] = [:]
        for configuration in state.automaton.configurations(of: place) {
            if case .character(let needed, let room, _) = grammar.node(configuration.place) {
                strings[configuration.stack, default: []].append(needed...room)
            } else {
                others.append(configuration)
            }
        }
        guard !strings.isEmpty else { return place }
        let tokens = try vocabulary.stringTokens()
        for (stack, lengths) in strings {
            tokens.staying(within: lengths.reduce(0) { max($0, $1.upperBound) })?.merge(into: &bits)
            let behind = try state.automaton.state(of: [Configuration(place: GrammarBuilder.end, stack: stack)])
            for (characters, leaving) in tokens.leaving where lengths.contains(where: { $0.contains(characters) }) {
                try addFitting(leaving, from: behind, to: &bits, &state)
            }
        }
        return try state.automaton.state(of: others)
    }
}
