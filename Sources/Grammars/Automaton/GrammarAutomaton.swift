/// A grammar at work: states that bytes lead from one to another, found as they are needed.
///
/// A state is the set of all configurations that a text may be in. States, and where they lead, are remembered within
/// bounds; beyond these all are forgotten, and numbers of states of an earlier ``epoch`` mean nothing.
struct GrammarAutomaton {
    let grammar: Grammar
    let classes: ByteClasses
    /// The number of times that everything was forgotten.
    private(set) var epoch = 0
    private var stacks = CallStacks()
    /// The configurations of each state; those of state 0, from which no text comes to an end, are none.
    private var configurations: [[Configuration]] = [[]]
    private var numbers: [[Configuration]: Int32] = [[]: 0]
    /// The states that each state leads to, by the class of a byte; -1 for what has not been asked.
    private var transitions: [Int32]
    /// The groups of bytes of each state of which it is known that they do not leave it.
    private var loops: [UInt64] = [0]
    /// The groups that bytes of each class are in, with all classes of their bytes.
    private let groups: [[(group: UInt64, classes: [Int])]]
    /// Configurations of all states together.
    private var size = 0
    /// Configurations that may yet be looked at; see ``spend(_:)``.
    var workLeft = Int.max

    /// The state that no text leaves.
    static let dead: Int32 = 0
    /// Configurations of a state, those of all states, their transitions, and stacks that are remembered.
    private static let most = (ofState: 16_384, all: 250_000, transitions: 1_000_000, stacks: 100_000)
    /// As many times as much may be remembered until there is an occasion to forget.
    private static let spare = 4

    init(_ grammar: Grammar) {
        self.grammar = grammar
        classes = ByteClasses(grammar)
        transitions = Array(repeating: 0, count: classes.count)
        groups = classes.groups
    }

    /// The state of the empty text.
    mutating func start() throws(GrammarError) -> Int32 {
        try state(of: [Configuration(place: grammar.start, stack: CallStacks.empty)])
    }

    /// True if the automaton remembers so much that it has to forget before long.
    var isFull: Bool { exceeds(1) }

    private func exceeds(_ share: Int) -> Bool {
        size > share * Self.most.all || transitions.count > share * Self.most.transitions
            || stacks.count > share * Self.most.stacks
    }

    /// Forgets all states.
    mutating func forget() {
        epoch += 1
        stacks = CallStacks()
        (configurations, numbers, size) = ([[]], [[]: 0], 0)
        transitions = Array(repeating: 0, count: classes.count)
        loops = [0]
    }

    /// The configurations of a state.
    func configurations(of state: Int32) -> [Configuration] { configurations[Int(state)] }

    /// Tells whether a text may end in a state.
    func mayEnd(in state: Int32) -> Bool {
        configurations[Int(state)].contains(Configuration(place: GrammarBuilder.end, stack: CallStacks.empty))
    }

    /// Tells whether a byte of some groups may lead from a state to another, as far as is known.
    @inline(__always)
    func mayLeave(_ state: Int32, by groups: UInt64) -> Bool { groups & ~loops[Int(state)] != 0 }

    /// The state behind a byte.
    @inline(__always)
    mutating func next(_ state: Int32, _ byte: UInt8) throws(GrammarError) -> Int32 {
        let index = Int(state) * classes.count + classes[byte]
        return transitions[index] >= 0 ? transitions[index] : try found(state, byte, at: index)
    }

    /// Finds the state behind a byte, and notes it at its place among the transitions.
    private mutating func found(_ state: Int32, _ byte: UInt8, at index: Int) throws(GrammarError) -> Int32 {
        try spend(configurations[Int(state)].count)
        var following = ConfigurationSet()
        for configuration in configurations[Int(state)] {
            if let next = step(configuration, byte) { _ = following.insert(next) }
        }
        let next = try self.state(of: following.elements)
        transitions[index] = next
        if next == state { noteLoop(of: state, classes[byte]) }
        return next
    }

    /// Notes that bytes of a class do not leave a state.
    private mutating func noteLoop(of state: Int32, _ byteClass: Int) {
        let start = Int(state) * classes.count
        for (group, classes) in groups[byteClass] where classes.allSatisfy({ transitions[start + $0] == state }) {
            loops[Int(state)] |= group
        }
    }

    /// The state of configurations, and of all that are reached from these without a byte.
    mutating func state(of configurations: [Configuration]) throws(GrammarError) -> Int32 {
        let reached = try closure(of: configurations)
        if let known = numbers[reached] { return known }
        guard !exceeds(Self.spare) else { throw Self.tooManyWays }
        let number = Int32(self.configurations.count)
        self.configurations.append(reached)
        numbers[reached] = number
        size += reached.count
        transitions.append(contentsOf: repeatElement(-1, count: classes.count))
        loops.append(0)
        return number
    }

    /// The configuration behind a byte; nil if it does not fit.
    private mutating func step(_ configuration: Configuration, _ byte: UInt8) -> Configuration? {
        switch grammar.node(configuration.place) {
        case .byte(let set, let next):
            guard grammar.sets[Int(set)].contains(byte) else { return nil }
            return Configuration(place: next, stack: configuration.stack)
        case .character(_, _, let next):
            if StringBytes.isPlain(byte) { return Configuration(place: next, stack: configuration.stack) }
            let rule = grammar.characterRules[Int(byte)]
            guard rule != GrammarBuilder.never else { return nil }
            return Configuration(place: rule, stack: stacks.push(next, on: configuration.stack))
        case .end, .never, .either, .call: return nil
        }
    }

    /// The configurations that take a byte or end the text, of those that are reached without a byte.
    private mutating func closure(of configurations: [Configuration]) throws(GrammarError) -> [Configuration] {
        var (reached, waiting) = (ConfigurationSet(), [Configuration]())
        for configuration in configurations.reversed() { waiting.append(configuration) }
        var result: [Configuration] = []
        while let configuration = waiting.popLast() {
            let (place, stack) = (configuration.place, configuration.stack)
            // From what is nested too deeply no text comes to an end.
            guard grammar.depth(at: place) <= Grammar.mostDepth - stacks.depth(of: stack),
                reached.insert(configuration)
            else { continue }
            guard reached.elements.count <= Self.most.ofState else {
                throw GrammarError("a text can go on in more than \(Self.most.ofState) ways at a time")
            }
            switch grammar.node(place) {
            case .byte: result.append(configuration)
            case .character(let needed, _, _):
                result.append(configuration)
                if needed == 0 { waiting.append(Configuration(place: GrammarBuilder.end, stack: stack)) }
            case .either(let first, let second):
                waiting.append(Configuration(place: second, stack: stack))
                waiting.append(Configuration(place: first, stack: stack))
            case .call(let rule, let next):
                waiting.append(Configuration(place: rule, stack: stacks.push(next, on: stack)))
            case .end:
                if let (next, below) = stacks.pop(stack) {
                    waiting.append(Configuration(place: next, stack: below))
                } else {
                    result.append(configuration)
                }
            case .never: break
            }
        }
        try spend(reached.elements.count)
        return widest(of: result).sorted { ($0.place, $0.stack) < ($1.place, $1.stack) }
    }

    /// Counts configurations that were looked at.
    ///
    /// - Throws: ``GrammarError`` if ``workLeft`` is used up.
    mutating func spend(_ work: Int) throws(GrammarError) {
        workLeft -= work
        guard workLeft >= 0 else { throw Self.tooManyWays }
    }

    private static let tooManyWays = GrammarError("texts can go on in too many different ways")

    /// The configurations without strings that another has all texts of: of as many characters or fewer, and more, in front
    /// of the same.
    private func widest(of configurations: [Configuration]) -> [Configuration] {
        var (result, strings) = ([Configuration](), [(configuration: Configuration, needed: Int32, room: Int32)]())
        for configuration in configurations {
            if case .character(let needed, let room, _) = grammar.node(configuration.place) {
                strings.append((configuration, needed, room))
            } else {
                result.append(configuration)
            }
        }
        guard strings.count > 1 else { return configurations }
        strings.sort { ($0.configuration.stack, $0.needed, $1.room) < ($1.configuration.stack, $1.needed, $0.room) }
        var last: (stack: Int32, room: Int32) = (-1, 0)
        for (configuration, _, room) in strings where configuration.stack != last.stack || room > last.room {
            result.append(configuration)
            last = (configuration.stack, room)
        }
        return result
    }
}
