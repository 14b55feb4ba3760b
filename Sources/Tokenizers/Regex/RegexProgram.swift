/// A regular expression in the form that ``RegexMatcher`` runs.
struct RegexProgram: Sendable {
    /// An operation that an instruction does. Unless said otherwise, it goes on to the next one.
    enum Operation: UInt8 {
        /// Consumes the byte `a`.
        case byte
        /// Consumes a scalar of set `a`.
        case set
        /// Consumes a scalar of set `a` if there is one, and does not come back to that.
        case optionalSet
        /// Consumes as many scalars of set `a` as possible, and fewer if that does not lead to a match.
        case greedySpan
        /// Consumes as few scalars of set `a` as possible.
        case reluctantSpan
        /// Consumes as many scalars of set `a` as possible, and does not come back to that.
        case possessiveSpan
        /// Tries to go on at `a`, if filter `c` admits the next byte, and else or then at `b`.
        case fork
        /// Goes on at `a`.
        case jump
        /// Holds at the anchor `a`.
        case anchor
        /// Tries what follows, up to ``end``, `b` scalars back; goes on at `c` if it matches, or with `a` = 1 if not.
        case look
        /// Matches what follows, up to ``end``, in the first way it can; goes on behind the match, at `c`.
        case atomic
        /// Ends a part.
        case end
        /// Ends the whole.
        case match
    }

    struct Instruction {
        var operation: Operation
        var a: Int32 = 0
        var b: Int32 = 0
        var c: Int32 = 0
        /// A number for those that may be reached twice at the same place; else -1.
        var memo: Int32 = -1
    }

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [ScalarExpression] = []
    /// ``bitmapWords`` words per set: a bit for each scalar of the BMP.
    private(set) var bitmaps: [UInt64] = []
    /// The bytes that a part may begin with.
    private(set) var filters: [ByteFilter] = []
    private(set) var memoCount = 0
    /// The bytes that a match may begin with.
    private(set) var firstBytes = ByteFilter()

    static let bitmapWords = 0x10000 / 64
    private static let maximumInstructions = 20_000
    /// A search may look at each of these at each place of a text, and remembers a bit for each.
    private static let maximumMemos = 1_000
    private static let maximumSets = 500

    init(_ node: RegexNode) throws(RegexError) {
        firstBytes = ByteFilter(startOf: node)
        try append(node)
        emit(Instruction(operation: .match))
    }

    // MARK: Building

    private mutating func emit(_ instruction: Instruction) {
        var instruction = instruction
        switch instruction.operation {
        case .fork, .greedySpan, .reluctantSpan, .possessiveSpan, .look, .atomic:
            instruction.memo = Int32(memoCount)
            memoCount += 1
        default: break
        }
        instructions.append(instruction)
    }

    private var here: Int32 { Int32(instructions.count) }

    private mutating func append(_ node: RegexNode) throws(RegexError) {
        guard instructions.count < Self.maximumInstructions, memoCount <= Self.maximumMemos else {
            throw RegexError(
                message: "the expression is too big: write it with fewer or smaller counted repetitions",
                isUnsupported: true)
        }
        switch node {
        case .empty: break
        case .scalar(let scalar):
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                emit(Instruction(operation: .byte, a: Int32(byte)))
            }
        case .set(let expression): emit(Instruction(operation: .set, a: try number(of: expression)))
        case .sequence(let parts): for part in parts { try append(part) }
        case .alternation(let parts): try appendAlternation(parts)
        case .repetition(let body, let count): try append(body, count)
        case .anchor(let anchor): emit(Instruction(operation: .anchor, a: anchor.rawValue))
        case .look(let body, let back, let isNegative):
            try appendPart(
                body, Instruction(operation: .look, a: isNegative ? 1 : 0, b: Int32(clamping: back ?? 0)))
        case .atomic(.repetition(.set(let expression), let count)) where !count.isReluctant:
            try appendPossessive(expression, count)
        case .atomic(let body): try appendPart(body, Instruction(operation: .atomic))
        }
    }

    private mutating func appendPart(_ body: RegexNode, _ instruction: Instruction) throws(RegexError) {
        let start = instructions.count
        emit(instruction)
        try append(body)
        emit(Instruction(operation: .end))
        instructions[start].c = here
    }

    private mutating func appendAlternation(_ parts: [RegexNode]) throws(RegexError) {
        var jumps: [Int] = []
        for (index, part) in parts.enumerated() {
            guard index < parts.count - 1 else {
                try append(part)
                break
            }
            let fork = emitFork(startOf: part)
            try append(part)
            jumps.append(instructions.count)
            emit(Instruction(operation: .jump))
            instructions[fork].b = here
        }
        for jump in jumps { instructions[jump].a = here }
    }

    /// Emits a fork that prefers what follows, which begins with `node`.
    private mutating func emitFork(startOf node: RegexNode) -> Int {
        let fork = instructions.count
        filters.append(ByteFilter(startOf: node))
        emit(Instruction(operation: .fork, a: here + 1, c: Int32(filters.count - 1)))
        return fork
    }

    private mutating func append(_ body: RegexNode, _ count: RegexRepetition) throws(RegexError) {
        for _ in 0..<count.minimum { try append(body) }
        guard let maximum = count.maximum else { return try appendLoop(body, isReluctant: count.isReluctant) }
        var forks: [Int] = []
        for _ in count.minimum..<max(maximum, count.minimum) {
            if count.isReluctant {
                forks.append(instructions.count)
                filters.append(.all)
                // Skipping is preferred.
                emit(Instruction(operation: .fork, b: here + 1, c: Int32(filters.count - 1)))
            } else {
                forks.append(emitFork(startOf: body))
            }
            try append(body)
        }
        for fork in forks {
            if count.isReluctant { instructions[fork].a = here } else { instructions[fork].b = here }
        }
    }

    private mutating func appendLoop(_ body: RegexNode, isReluctant: Bool) throws(RegexError) {
        if case .set(let expression) = body {
            let operation: Operation = isReluctant ? .reluctantSpan : .greedySpan
            return emit(Instruction(operation: operation, a: try number(of: expression)))
        }
        let start = here
        if isReluctant {
            filters.append(.all)
            emit(Instruction(operation: .fork, b: here + 1, c: Int32(filters.count - 1)))
        } else {
            _ = emitFork(startOf: body)
        }
        try append(body)
        emit(Instruction(operation: .jump, a: start))
        if isReluctant { instructions[Int(start)].a = here } else { instructions[Int(start)].b = here }
    }

    private mutating func appendPossessive(
        _ expression: ScalarExpression, _ count: RegexRepetition
    ) throws(RegexError) {
        let set = try number(of: expression)
        for _ in 0..<count.minimum { emit(Instruction(operation: .set, a: set)) }
        guard let maximum = count.maximum else { return emit(Instruction(operation: .possessiveSpan, a: set)) }
        for _ in count.minimum..<max(maximum, count.minimum) { emit(Instruction(operation: .optionalSet, a: set)) }
    }

    /// Numbers a set; one that is a single certain scalar or was used before is no exception.
    private mutating func number(of expression: ScalarExpression) throws(RegexError) -> Int32 {
        guard sets.count < Self.maximumSets else {
            throw RegexError(message: "the expression has too many classes", isUnsupported: true)
        }
        sets.append(expression)
        bitmaps += expression.basicPlane.words
        return Int32(sets.count - 1)
    }
}

/// A set of bytes that a part of a regular expression may begin with.
struct ByteFilter: Sendable {
    private var low: (UInt64, UInt64) = (0, 0)
    /// True if bytes beyond ASCII are in the set, all of them.
    private var hasOthers = false
    /// True if the part may be empty, so that anything may follow, and the end of the text, too.
    private var admitsAll = false

    init() {}

    static let all: ByteFilter = {
        var filter = ByteFilter()
        filter.admitsAll = true
        return filter
    }()

    /// The bytes that `node` may begin with.
    init(startOf node: RegexNode) { admitsAll = insert(node) }

    /// Tells whether the byte at `index` is in the set.
    @inline(__always)
    func admits(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        if admitsAll { return true }
        guard index < text.count else { return false }
        let byte = text[index]
        if byte >= 0x80 { return hasOthers }
        return (byte < 64 ? low.0 : low.1) >> UInt64(byte & 63) & 1 != 0
    }

    private mutating func insert(_ byte: UInt8) {
        if byte >= 0x80 {
            hasOthers = true
        } else if byte < 64 {
            low.0 |= 1 << UInt64(byte)
        } else {
            low.1 |= 1 << UInt64(byte & 63)
        }
    }

    /// Inserts the bytes that `node` may begin with, and says whether it may be empty.
    private mutating func insert(_ node: RegexNode) -> Bool {
        switch node {
        case .empty, .anchor, .look: return true
        case .scalar(let scalar):
            if let first = UTF8.encode(scalar)?.first { insert(first) }
            return false
        case .set(let expression):
            for byte in UInt8(0)..<0x80 where expression.contains(Unicode.Scalar(byte)) { insert(byte) }
            hasOthers = true
            return false
        case .sequence(let parts):
            for part in parts where !insert(part) { return false }
            return true
        case .alternation(let parts):
            var isNullable = false
            for part in parts { isNullable = insert(part) || isNullable }
            return isNullable
        case .repetition(let body, let count):
            guard count.maximum != 0 else { return true }
            return insert(body) || count.minimum == 0
        case .atomic(let body): return insert(body)
        }
    }
}
