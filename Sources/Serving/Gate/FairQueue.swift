/// A sequence of a request that waits for its batch.
package struct QueuedItem: Sendable, Equatable {
    /// The request, by the number that the gate gave it.
    package let request: Int
    /// The sequence within the request.
    package let index: Int
    /// Its tokens.
    package let length: Int

    package init(request: Int, index: Int, length: Int) {
        self.request = request
        self.index = index
        self.length = length
    }
}

/// Sequences that wait, fair between requests and in order within one: requests take turns, a sequence each.
///
/// Each sequence gets a tag in virtual time when it comes, and the least tag is next. The first sequence of a request is
/// tagged one turn after the sequence that was taken last, and each further one a turn after the one before it. So
/// nobody who comes later gets ahead of those who wait for the same turn, and what comes before a newcomer is a sum over
/// tags. All operations are logarithmic in the number of sequences that wait.
package struct FairQueue<Instant: InstantProtocol>: Sendable {
    private struct Entry {
        let firstTag: Int
        let count: Int
        let deadline: Instant
        var next = 0
    }

    private var entries: [Int: Entry] = [:]
    private var turns = SummedTree<Turn>()
    private var deadlines = SummedTree<Due<Instant>>()
    /// The tag of the sequence that was taken last.
    private var virtualTime = 0

    /// How many sequences wait.
    package private(set) var count = 0

    /// An empty queue.
    package init() {}

    /// What waits, all requests together.
    package var size: WorkSize { turns.weight }

    package var isEmpty: Bool { turns.isEmpty }

    /// The work of others that is done before the last of `count` sequences that would be added now.
    package func workAhead(ofItems count: Int) -> WorkSize {
        turns.weight(before: Turn(tag: virtualTime + count, request: .max, length: 0))
    }

    /// Adds a request with sequences of these lengths, at least one. Its number is greater than all before it.
    package mutating func append(_ request: Int, lengths: [Int], deadline: Instant) {
        precondition(!lengths.isEmpty)
        let entry = Entry(firstTag: virtualTime + 1, count: lengths.count, deadline: deadline)
        entries[request] = entry
        for (index, length) in lengths.enumerated() {
            turns.insert(Turn(tag: entry.firstTag + index, request: request, length: length))
        }
        deadlines.insert(Due(deadline: deadline, request: request))
        count += lengths.count
    }

    /// Takes out what waits of a request. Returns whether something did.
    @discardableResult
    package mutating func remove(_ request: Int) -> Bool {
        guard let entry = entries.removeValue(forKey: request) else { return false }
        for index in entry.next..<entry.count {
            turns.remove(Turn(tag: entry.firstTag + index, request: request, length: 0))
        }
        deadlines.remove(Due(deadline: entry.deadline, request: request))
        count -= entry.count - entry.next
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

    /// Takes the next batch: as many sequences in turn as fit, and at least one if there is any.
    ///
    /// - Parameters:
    ///   - budget: tokens of the batch
    ///   - limit: sequences of the batch
    ///   - dropLimit: requests that are dropped at most
    ///   - isAwaited: asked when it is a request's turn; if nobody waits for it, it is dropped and the next one's turn
    ///   - isInTime: whether a batch of this work would be done by the earliest deadline of those in it
    /// - Returns: the batch, and the requests that were dropped.
    package mutating func takeBatch(
        tokens budget: Int, items limit: Int, dropLimit: Int, isAwaited: (Int) -> Bool,
        isInTime: (WorkSize, Instant) -> Bool
    ) -> (batch: [QueuedItem], dropped: [Int]) {
        var batch: [QueuedItem] = []
        var dropped: [Int] = []
        var work = WorkSize.zero
        var earliest: Instant?
        while batch.count < limit, dropped.count < dropLimit, let turn = turns.first,
            let entry = entries[turn.request]
        {
            guard isAwaited(turn.request) else {
                remove(turn.request)
                dropped.append(turn.request)
                continue
            }
            work += turn.weight
            let deadline = min(earliest ?? entry.deadline, entry.deadline)
            guard batch.isEmpty || (Int(work.tokens) <= budget && isInTime(work, deadline)) else { break }
            earliest = deadline
            batch.append(QueuedItem(request: turn.request, index: entry.next, length: turn.length))
            take(turn, of: entry)
        }
        return (batch, dropped)
    }

    private mutating func take(_ turn: Turn, of entry: Entry) {
        turns.remove(turn)
        count -= 1
        virtualTime = turn.tag
        if entry.next + 1 < entry.count {
            entries[turn.request]?.next += 1
        } else {
            entries[turn.request] = nil
            deadlines.remove(Due(deadline: entry.deadline, request: turn.request))
        }
    }
}

/// A sequence's place in the order. Its length is no part of that.
private struct Turn: SummedElement {
    let tag: Int
    let request: Int
    let length: Int

    var weight: WorkSize { WorkSize(length: length) }

    static func < (a: Turn, b: Turn) -> Bool {
        if a.tag != b.tag { return a.tag < b.tag }
        return a.request < b.request
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
