/// Slices of one flow that wait, fair between its requests and in order within one: requests take turns, a slice each.
///
/// Each slice gets a tag when it comes, and the least tag is next. The first slice of a request is tagged one turn after the
/// slice that was taken last, and each further one a turn after the one before it. So nobody who comes later gets ahead of
/// those who wait for the same turn, and what comes before a newcomer is a sum over tags. All operations are logarithmic in
/// the number of slices that wait.
struct TurnQueue: Sendable {
    private struct Entry {
        let firstTag: Int
        let stamp: Int
        /// Slices that the request came with, and how many of them were taken.
        let count: Int
        var next = 0
        /// Those that came later.
        var added: [Turn] = []

        var waiting: Int { count - next + added.count }
    }

    private var entries: [Int: Entry] = [:]
    private var turns = SummedTree<Turn>()
    /// The tag of the slice that was taken last.
    private var lastTag = 0
    /// Counts what comes: of slices with the same tag, those that came first are taken first.
    private var lastStamp = 0

    /// The number of slices that wait.
    private(set) var count = 0

    /// The work that waits, all requests together.
    var size: WorkSize { turns.weight }

    var isEmpty: Bool { turns.isEmpty }

    /// The work of other requests that is done before the last of `count` slices that would be added now.
    func workAhead(ofItems count: Int) -> WorkSize { turns.weight(before: Turn(tag: lastTag + count, stamp: .max)) }

    /// Tells whether something of a request waits.
    func has(_ request: Int) -> Bool { entries[request] != nil }

    /// Adds a request with its slices, at least one. Its number is greater than all before it.
    mutating func append(_ request: Int, _ slices: [Slice]) {
        precondition(!slices.isEmpty)
        lastStamp += 1
        let entry = Entry(firstTag: lastTag + 1, stamp: lastStamp, count: slices.count)
        entries[request] = entry
        for (index, slice) in slices.enumerated() {
            turns.insert(
                Turn(tag: entry.firstTag + index, stamp: entry.stamp, item: BatchItem(request: request, slice: slice)))
        }
        count += slices.count
    }

    /// Adds a further slice of a request, a turn after the slice that was taken last.
    mutating func add(_ slice: Slice, to request: Int) {
        lastStamp += 1
        let turn = Turn(tag: lastTag + 1, stamp: lastStamp, item: BatchItem(request: request, slice: slice))
        entries[request, default: Entry(firstTag: lastTag + 1, stamp: lastStamp, count: 0)].added.append(turn)
        turns.insert(turn)
        count += 1
    }

    /// Takes out what waits of a request, if something does.
    mutating func remove(_ request: Int) {
        guard let entry = entries.removeValue(forKey: request) else { return }
        for index in entry.next..<entry.count {
            turns.remove(Turn(tag: entry.firstTag + index, stamp: entry.stamp))
        }
        for turn in entry.added { turns.remove(turn) }
        count -= entry.waiting
    }

    /// The slice that is next; nil if none waits.
    var first: BatchItem? { turns.first?.item }

    /// Takes out the slice that is next, if there is one.
    mutating func removeFirst() {
        guard let turn = turns.first, let request = turn.item?.request else { return }
        turns.remove(turn)
        count -= 1
        lastTag = turn.tag
        guard var entry = entries.removeValue(forKey: request) else { return }
        if turn.stamp == entry.stamp, entry.next < entry.count {
            entry.next += 1
        } else {
            entry.added.removeAll { $0.stamp == turn.stamp }
        }
        if entry.waiting > 0 { entries[request] = entry }
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
