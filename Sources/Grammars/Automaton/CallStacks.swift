/// The stacks of calls that an automaton is in: each is a call on top of another stack, and known by its number.
struct CallStacks {
    private struct Frame: Hashable {
        let next: GrammarPlace
        let below: Int32
    }

    private var frames = [Frame(next: 0, below: 0)]
    private var depths: [Int32] = [0]
    private var numbers: [Frame: Int32] = [:]

    /// The stack without a call.
    static let empty: Int32 = 0

    /// The number of stacks.
    var count: Int { frames.count }

    /// The calls that are open.
    func depth(of stack: Int32) -> Int32 { depths[Int(stack)] }

    /// The stack with one more call, behind which the text goes on at a place.
    mutating func push(_ next: GrammarPlace, on stack: Int32) -> Int32 {
        let frame = Frame(next: next, below: stack)
        if let number = numbers[frame] { return number }
        let number = Int32(frames.count)
        frames.append(frame)
        depths.append(depth(of: stack) + 1)
        numbers[frame] = number
        return number
    }

    /// The place behind the call on top, and the stack below it; nil if there is no call.
    func pop(_ stack: Int32) -> (next: GrammarPlace, stack: Int32)? {
        guard stack != Self.empty else { return nil }
        let frame = frames[Int(stack)]
        return (frame.next, frame.below)
    }
}
