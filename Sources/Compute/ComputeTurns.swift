/// There are no more turns: whoever gives them goes down.
package struct TurnsEnded: Error {
    package init() {}
}

/// The processor for long work, a turn at a time: between the turns others compute.
///
/// One thread at a time takes turns.
package final class ComputeTurns: @unchecked Sendable {
    // Safe to share: `start`, `used`, `scratch` and the processor of a turn are touched by the one thread that takes turns.

    /// The threads that share an operation in a turn.
    package let threads: Int
    /// The instruction set.
    package let kernels: Kernels
    /// Seconds of all turns so far, the waits between them left out.
    package private(set) var used = 0.0

    private let begin: () throws(TurnsEnded) -> CPU
    private let end: (_ seconds: Double) -> Void
    private let isShared: Bool
    /// True while nobody would compute between the turns.
    private let isAlone: () -> Bool
    private var scratch: (memory: UnitStorage, units: Int)?
    private var start = ContinuousClock.now
    /// True if a turn ended that was not followed by another.
    private var isOver = false

    /// Seconds after which a turn ends at the next opportunity: a quarter of what others may have to wait for it.
    private static let turn = 0.005

    /// Turns between those of others.
    ///
    /// - Parameters:
    ///   - isAlone: true while there are no others, for whom work would have to be cut into turns
    ///   - begin: waits for a turn; throws ``TurnsEnded`` if there will be none any more
    ///   - end: is told how long a turn took
    package init(
        threads: Int, kernels: Kernels, isAlone: @escaping @Sendable () -> Bool,
        begin: @escaping @Sendable () throws(TurnsEnded) -> CPU, end: @escaping @Sendable (_ seconds: Double) -> Void
    ) {
        (self.threads, self.kernels, self.begin, self.end) = (threads, kernels, begin, end)
        (isShared, self.isAlone) = (true, isAlone)
    }

    /// One turn that does not end: the processor belongs to who takes it.
    package init(_ cpu: CPU) {
        (threads, kernels) = (cpu.threads, cpu.kernels)
        begin = { cpu }
        end = { _ in }
        (isShared, isAlone) = (false, { true })
    }

    /// Waits for a turn and does `body` in it.
    ///
    /// - Throws: what `body` throws, and what waiting throws.
    package func turn<Result>(_ body: (CPU) throws -> Result) throws -> Result {
        let cpu = try begin()
        start = .now
        defer { if !isOver { endTurn() } }
        return try body(cpu)
    }

    /// Lets others compute if the turn has been long. To be called in a turn, which goes on.
    ///
    /// - Returns: whether there is another turn; if not, nothing more may be computed.
    package func renewIfDue() -> Bool {
        guard isShared, start.duration(to: .now) / .seconds(1) > Self.turn else { return true }
        endTurn()
        guard (try? begin()) != nil else {
            isOver = true
            return false
        }
        start = .now
        return true
    }

    /// Does work of `count` parts, as many in a turn as take a turn's time; all in one if there is nobody else.
    ///
    /// - Parameters:
    ///   - fetch: called for a range outside of its turn, to wait for what need not be computed
    ///   - body: does the parts of a range
    func forEachSlice(
        of count: Int, fetch: (Range<Int>) throws -> Void, _ body: (Range<Int>, CPU) throws -> Void
    ) throws {
        guard !isAlone() else { return try turn { try body(0..<count, $0) } }
        var (first, size) = (0, threads)
        while first < count {
            let range = first..<min(first + size, count)
            try fetch(range)
            let before = used
            try turn { try body(range, $0) }
            let share = (used - before) / Self.turn
            size = max(threads, share > 0.25 ? Int(Double(size) / share) : 4 * size)
            first = range.upperBound
        }
    }

    /// Memory of so many units at least, which hold anything: the same each time, so that the system does not have to
    /// give it anew.
    ///
    /// - Throws: ``ResourceError`` if there is not as much.
    func scratch(units: Int) throws(ResourceError) -> UnitStorage {
        if let scratch, scratch.units >= units { return scratch.memory }
        scratch = nil
        let memory = try UnitStorage(count: units)
        scratch = (memory, units)
        return memory
    }

    private func endTurn() {
        let seconds = start.duration(to: .now) / .seconds(1)
        used += seconds
        end(seconds)
    }
}
