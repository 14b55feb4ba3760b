/// Slices that wait, fair between requests and in order within one: requests take turns, a slice each.
///
/// Each slice gets a tag in virtual time when it comes, and the least tag is next. The first slice of a request is tagged
/// one turn after the slice that was taken last, and each further one a turn after the one before it. So nobody who comes
/// later gets ahead of those who wait for the same turn, and what comes before a newcomer is a sum over tags. All operations
/// are logarithmic in the number of slices that wait.
package struct FairQueue<Instant: InstantProtocol>: Sendable {
    private struct Entry {
        let firstTag: Int
        let stamp: Int
        /// Slices that the request came with, and how many of them were taken.
        let count: Int
        let deadline: Instant
        var next = 0
        /// Those that came later.
        var added: [Turn] = []

        var waiting: Int { count - next + added.count }
    }

    private var entries: [Int: Entry] = [:]
    private var turns = SummedTree<Turn>()
    private var deadlines = SummedTree<Due<Instant>>()
    /// The tag of the slice that was taken last.
    private var virtualTime = 0
    /// Counts what comes: of slices with the same tag, those that came first are taken first.
    private var lastStamp = 0

    /// How many slices wait.
    package private(set) var count = 0

    /// An empty queue.
    package init() {}

    /// What waits, all requests together.
    package var size: WorkSize { turns.weight }

    package var isEmpty: Bool { turns.isEmpty }

    /// The work of others that is done before the last of `count` slices that would be added now.
    package func workAhead(ofItems count: Int) -> WorkSize {
        turns.weight(before: Turn(tag: virtualTime + count, stamp: .max))
    }

    /// Adds a request with its slices, at least one. Its number is greater than all before it.
    package mutating func append(_ request: Int, _ slices: [Slice], deadline: Instant) {
        precondition(!slices.isEmpty)
        lastStamp += 1
        let entry = Entry(firstTag: virtualTime + 1, stamp: lastStamp, count: slices.count, deadline: deadline)
        entries[request] = entry
        for (index, slice) in slices.enumerated() {
            turns.insert(
                Turn(tag: entry.firstTag + index, stamp: entry.stamp, item: BatchItem(request: request, slice: slice)))
        }
        deadlines.insert(Due(deadline: deadline, request: request))
        count += slices.count
    }

    /// Adds a further slice of a request, a turn after the slice that was taken last.
    package mutating func add(_ slice: Slice, to request: Int, deadline: Instant) {
        lastStamp += 1
        if entries[request] == nil {
            entries[request] = Entry(firstTag: virtualTime + 1, stamp: lastStamp, count: 0, deadline: deadline)
            deadlines.insert(Due(deadline: deadline, request: request))
        }
        let turn = Turn(tag: virtualTime + 1, stamp: lastStamp, item: BatchItem(request: request, slice: slice))
        entries[request]?.added.append(turn)
        turns.insert(turn)
        count += 1
    }

    /// Takes out what waits of a request. Returns whether something did.
    @discardableResult
    package mutating func remove(_ request: Int) -> Bool {
        guard let entry = entries.removeValue(forKey: request) else { return false }
        for index in entry.next..<entry.count {
            turns.remove(Turn(tag: entry.firstTag + index, stamp: entry.stamp))
        }
        for turn in entry.added { turns.remove(turn) }
        deadlines.remove(Due(deadline: entry.deadline, request: request))
        count -= entry.waiting
        return true
    }

    /// Takes out the requests whose deadlines are over, the oldest deadline first, but not more than `limit`.
    package mutating func removeExpired(at now: Instant, limit: Int) -> [Int] {
        var expired: [Int] = []
        while expired.count < limit, let due = deadlines.first, due.deadline <= now {
            remove(due.request)
            expired.append(due.request)
        }
        return expired
    }

    /// Takes the next batch: as many slices in turn as fit, and at least one if there is any.
    ///
    /// - Parameters:
    ///   - budget: tokens of the batch
    ///   - limit: slices of the batch
    ///   - dropLimit: requests that are dropped at most
    ///   - isAwaited: asked when it is a request's turn; if nobody waits for it, it is dropped and the next one's turn
    ///   - isInTime: whether a batch of this work would be done by the earliest deadline of those in it
    /// - Returns: the batch, and the requests that were dropped.
    package mutating func takeBatch(
        tokens budget: Int, items limit: Int, dropLimit: Int, isAwaited: (Int) -> Bool,
        isInTime: (WorkSize, Instant) -> Bool
    ) -> (batch: [BatchItem], dropped: [Int]) {
        var batch: [BatchItem] = []
        var dropped: [Int] = []
        var work = WorkSize.zero
        var earliest: Instant?
        while batch.count < limit, dropped.count < dropLimit, let turn = turns.first, let item = turn.item,
            let deadline = entries[item.request]?.deadline
        {
            guard isAwaited(item.request) else {
                remove(item.request)
                dropped.append(item.request)
                continue
            }
            work += turn.weight
            let due = min(earliest ?? deadline, deadline)
            guard batch.isEmpty || (Int(work.tokens) <= budget && isInTime(work, due)) else { break }
            earliest = due
            batch.append(item)
            take(turn, of: item.request)
        }
        return (batch, dropped)
    }

    private mutating func take(_ turn: Turn, of request: Int) {
        turns.remove(turn)
        count -= 1
        virtualTime = turn.tag
        guard var entry = entries.removeValue(forKey: request) else { return }
        if turn.stamp == entry.stamp, entry.next < entry.count {
            entry.next += 1
        } else {
            entry.added.removeAll { $0.stamp == turn.stamp }
        }
        if entry.waiting > 0 {
            entries[request] = entry
        } else {
            deadlines.remove(Due(deadline: entry.deadline, request: request))
        }
    }
}

/// A slice's place in the order.
private struct Turn: SummedElement {
    let tag: Int
    let stamp: Int
    /// Nil for a place alone.
    var item: BatchItem?

    var weight: WorkSize { item?.slice.work ?? .zero }

    static func == (a: Turn, b: Turn) -> Bool { a.tag == b.tag && a.stamp == b.stamp }

    static func < (a: Turn, b: Turn) -> Bool {
        if a.tag != b.tag { return a.tag < b.tag }
        return a.stamp < b.stamp
    }
}

/// A request's place in the order of deadlines.
private struct Due<Instant: InstantProtocol>: SummedElement {
    let deadline: Instant
    let request: Int

    var weight: Int { 1 }

    static func < (a: Due, b: Due) -> Bool {
        if a.deadline != b.deadline { return a.deadline < b.deadline }
        return a.request < b.request
    }
}
