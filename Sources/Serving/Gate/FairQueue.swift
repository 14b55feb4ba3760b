import DequeModule

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
struct FairQueue<Instant: InstantProtocol>: Sendable {
    private struct Entry {
        let request: Int
        let lengths: [Int]
        let deadline: Instant
        var next = 0

        var waiting: ArraySlice<Int> { lengths[next...] }
    }

    private var entries = Deque<Entry>()
    /// What waits, all requests together.
    private(set) var size = WorkSize.zero
    /// How many sequences wait.
    private(set) var count = 0

    var isEmpty: Bool { entries.isEmpty }

    /// Adds a request with sequences of these lengths, at least one.
    mutating func append(_ request: Int, lengths: [Int], deadline: Instant) {
        precondition(!lengths.isEmpty)
        entries.append(Entry(request: request, lengths: lengths, deadline: deadline))
        size += WorkSize(lengths: lengths)
        count += lengths.count
    }

    /// Takes the next batch: as many sequences in turn as fit, and at least one if there is any.
    ///
    /// - Parameters:
    ///   - budget: tokens of the batch
    ///   - limit: sequences of the batch
    ///   - isInTime: whether a batch of this work would be done by the earliest deadline of those in it
    mutating func takeBatch(
        tokens budget: Int, items limit: Int, isInTime: (WorkSize, Instant) -> Bool
    ) -> [QueuedItem] {
        var batch: [QueuedItem] = []
        var work = WorkSize.zero
        var earliest: Instant?
        while let entry = entries.first, batch.count < limit {
            let length = entry.lengths[entry.next]
            work += WorkSize(length: length)
            let deadline = min(earliest ?? entry.deadline, entry.deadline)
            guard batch.isEmpty || (Int(work.tokens) <= budget && isInTime(work, deadline)) else { break }
            earliest = deadline
            var rest = entries.removeFirst()
            batch.append(QueuedItem(request: rest.request, index: rest.next, length: length))
            rest.next += 1
            if rest.next < rest.lengths.count { entries.append(rest) }
            size -= WorkSize(length: length)
        }
        count -= batch.count
        return batch
    }

    /// Takes out what waits of a request.
    mutating func remove(_ request: Int) {
        guard let place = entries.firstIndex(where: { $0.request == request }) else { return }
        let waiting = entries.remove(at: place).waiting
        size -= WorkSize(lengths: waiting)
        count -= waiting.count
    }

    /// The work of others that is done before the last of `count` sequences that would be added now.
    func workAhead(ofItems count: Int) -> WorkSize {
        entries.reduce(into: .zero) { $0 += WorkSize(lengths: $1.waiting.prefix(count)) }
    }
}
