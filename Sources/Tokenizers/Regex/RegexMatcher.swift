/// Runs a ``RegexProgram`` on a text, by backtracking.
///
/// Once that takes more steps than a well-behaved expression would need, it begins to remember at which places which
/// instructions have failed, and does not try them there again: that bounds all searches in a text together by its
/// length times that of the program. What makes a failure final is that nothing but place and instruction counts: there
/// are no references to groups, and no loops that go round without consuming anything.
struct RegexMatcher {
    private struct Frame {
        /// The instruction to go on with.
        var instruction: Int32
        var position: Int32
        /// Of a greedy span, the place from which on it has consumed; ``reluctant`` for a reluctant one; else
        /// ``simple``.
        var low: Int32
        /// The length that the trail had.
        var trail: Int32
    }

    private static let simple: Int32 = -1
    private static let reluctant: Int32 = -2

    private let instructions: UnsafeBufferPointer<RegexProgram.Instruction>
    private let bitmaps: UnsafeBufferPointer<UInt64>
    private let filters: UnsafeBufferPointer<ByteFilter>
    private let program: RegexProgram
    private let text: UnsafeBufferPointer<UInt8>
    private var stack: [Frame] = []
    private var stepsLeft: Int
    private var memory: RegexMemory?

    /// Gives `body` a matcher for a text.
    static func with(
        _ program: RegexProgram, _ text: UnsafeBufferPointer<UInt8>, _ body: (inout RegexMatcher) -> Void
    ) {
        program.instructions.withUnsafeBufferPointer { instructions in
            program.bitmaps.withUnsafeBufferPointer { bitmaps in
                program.filters.withUnsafeBufferPointer { filters in
                    var matcher = RegexMatcher(
                        instructions: instructions, bitmaps: bitmaps, filters: filters, program: program, text: text)
                    body(&matcher)
                }
            }
        }
    }

    private init(
        instructions: UnsafeBufferPointer<RegexProgram.Instruction>, bitmaps: UnsafeBufferPointer<UInt64>,
        filters: UnsafeBufferPointer<ByteFilter>, program: RegexProgram, text: UnsafeBufferPointer<UInt8>
    ) {
        (self.instructions, self.bitmaps, self.filters) = (instructions, bitmaps, filters)
        (self.program, self.text) = (program, text)
        stepsLeft = 10_000 + 50 * text.count
    }

    /// The first match that begins at `start` or later.
    mutating func firstMatch(from start: Int) -> Range<Int>? {
        var index = start
        while true {
            if program.firstBytes.admits(text, at: index), let end = run(0, from: index) { return index..<end }
            guard index < text.count else { return nil }
            index += 1
            while index < text.count, text[index] & 0xC0 == 0x80 { index += 1 }
        }
    }

    /// The end of the match of the part that begins at an instruction.
    private mutating func run(_ first: Int, from start: Int) -> Int? {
        let base = stack.count
        let trailBase = memory?.trail.count ?? 0
        var current = first
        var position = start
        while true {
            let instruction = instructions[current]
            stepsLeft &-= 1
            if stepsLeft < 0, memory == nil {
                memory = RegexMemory(instructions: program.memoCount, count: text.count)
            }
            if memory != nil, instruction.memo >= 0 {
                switch visit(instruction.memo, position) {
                case .new: break
                case .failed:
                    guard backtrack(to: base, &current, &position) else { return nil }
                    continue
                case .matched(let end):
                    finish(base, trailBase, end: end, isWhole: false)
                    return end
                }
            }
            var succeeds = true
            switch instruction.operation {
            case .byte:
                succeeds = position < text.count && Int32(text[position]) == instruction.a
                if succeeds { position += 1 }
                current += 1
            case .set:
                let length = length(of: instruction.a, at: position)
                succeeds = length > 0
                position += length
                current += 1
            case .optionalSet:
                position += length(of: instruction.a, at: position)
                current += 1
            case .greedySpan:
                if memory != nil {
                    let length = length(of: instruction.a, at: position)
                    if length > 0 {
                        push(current + 1, position)
                        position += length
                        continue
                    }
                } else {
                    let end = endOfSpan(instruction.a, from: position)
                    if end > position { push(current + 1, end, low: Int32(position)) }
                    position = end
                }
                current += 1
            case .reluctantSpan:
                push(current, position, low: Self.reluctant)
                current += 1
            case .possessiveSpan:
                position = endOfPossessiveSpan(instruction, from: position)
                current += 1
            case .fork:
                if filters[Int(instruction.c)].admits(text, at: position) {
                    push(Int(instruction.b), position)
                    current = Int(instruction.a)
                } else {
                    current = Int(instruction.b)
                }
            case .jump: current = Int(instruction.a)
            case .anchor:
                succeeds = holds(instruction.a, at: position)
                current += 1
            case .look:
                var matches = false
                if let start = place(instruction.b, before: position) { matches = run(current + 1, from: start) != nil }
                succeeds = matches == (instruction.a == 0)
                current = Int(instruction.c)
            case .atomic:
                if let end = run(current + 1, from: position) { position = end } else { succeeds = false }
                current = Int(instruction.c)
            case .end, .match:
                finish(base, trailBase, end: position, isWhole: instruction.operation == .match)
                return position
            }
            if !succeeds, !backtrack(to: base, &current, &position) { return nil }
        }
    }

    // MARK: Going back

    private mutating func push(_ instruction: Int, _ position: Int, low: Int32 = simple) {
        let trail = Int32(truncatingIfNeeded: memory?.trail.count ?? 0)
        stack.append(
            Frame(instruction: Int32(instruction), position: Int32(position), low: low, trail: trail))
    }

    /// Goes on with the last alternative; false when there is none above `base`.
    private mutating func backtrack(to base: Int, _ current: inout Int, _ position: inout Int) -> Bool {
        while stack.count > base {
            let top = stack.count - 1
            let frame = stack[top]
            memory?.forget(from: Int(frame.trail))
            current = Int(frame.instruction)
            position = Int(frame.position)
            if frame.low == Self.simple {
                stack.removeLast()
                return true
            }
            if frame.low == Self.reluctant {
                stack.removeLast()
                let length = length(of: instructions[current].a, at: position)
                guard length > 0 else { continue }
                position += length
                return true
            }
            position -= 1
            while position > Int(frame.low), text[position] & 0xC0 == 0x80 { position -= 1 }
            if position > Int(frame.low) { stack[top].position = Int32(position) } else { stack.removeLast() }
            return true
        }
        return false
    }

    /// Leaves a part, or the whole, that has matched.
    private mutating func finish(_ base: Int, _ trailBase: Int, end: Int, isWhole: Bool) {
        stack.removeSubrange(base...)
        memory?.finish(from: trailBase, end: end, isWhole: isWhole)
    }

    private mutating func visit(_ instruction: Int32, _ position: Int) -> RegexMemory.Visit {
        memory?.visit(instruction, position) ?? .new
    }

    // MARK: Looking at the text

    /// The length of the scalar at `index` if it is in `set`, else 0.
    @inline(__always)
    private func length(of set: Int32, at index: Int) -> Int {
        guard index < text.count else { return 0 }
        let byte = text[index]
        let words = Int(set) * RegexProgram.bitmapWords
        if byte < 0x80 { return Int(bitmaps[words + Int(byte >> 6)] >> UInt64(byte & 63) & 1) }
        let (scalar, length) = UTF8Reading.scalar(in: text, at: index)
        let value = Int(scalar.value)
        let isMember =
            value < 0x10000
            ? bitmaps[words + value >> 6] >> UInt64(value & 63) & 1 != 0 : program.sets[Int(set)].contains(scalar)
        return isMember ? length : 0
    }

    private func endOfSpan(_ set: Int32, from start: Int) -> Int {
        var end = start
        while case let length = length(of: set, at: end), length > 0 { end += length }
        return end
    }

    private mutating func endOfPossessiveSpan(_ instruction: RegexProgram.Instruction, from start: Int) -> Int {
        if let end = memory?.endOfSpan(instruction.memo, around: start) { return end }
        let end = endOfSpan(instruction.a, from: start)
        memory?.remember(instruction.memo, span: start..<end)
        return end
    }

    /// The place so many scalars before `position`, if the text goes back so far.
    private func place(_ scalars: Int32, before position: Int) -> Int? {
        var index = position
        for _ in 0..<scalars {
            guard index > 0 else { return nil }
            index -= 1
            while index > 0, text[index] & 0xC0 == 0x80 { index -= 1 }
        }
        return index
    }

    private func isNewline(_ index: Int) -> Bool { text[index] == UInt8(ascii: "\n") }

    private func holds(_ anchor: Int32, at index: Int) -> Bool {
        switch RegexAnchor(rawValue: anchor) {
        case .startOfText: index == 0
        case .endOfText: index == text.count
        case .endOfTextOrLastNewline: index == text.count || (index == text.count - 1 && isNewline(index))
        case .startOfLine: index == 0 || (index < text.count && isNewline(index - 1))
        case .endOfLine: index == text.count || isNewline(index)
        case .wordBoundary: isWordBoundary(index)
        case .noWordBoundary: !isWordBoundary(index)
        case nil: false
        }
    }

    private func isWordBoundary(_ index: Int) -> Bool {
        let isWordBefore =
            index > 0 && UnicodeProperty.word.contains(UTF8Reading.scalar(in: text, before: index).scalar)
        let isWordAfter =
            index < text.count && UnicodeProperty.word.contains(UTF8Reading.scalar(in: text, at: index).scalar)
        return isWordBefore != isWordAfter
    }
}
