import PenstockServing
import PenstockTestSupport
import Testing

/// A fair queue that is so simple that it is seen to be right: everything that waits in one list, searched for all.
private struct PlainQueue {
    struct Waiting {
        let item: BatchItem
        let turn: Int
        let deadline: ManualInstant
    }

    var waiting: [Waiting] = []
    var lastTurn = 0

    /// All that waits, in its order.
    var inOrder: [Waiting] {
        waiting.sorted { ($0.turn, $0.item.request) < ($1.turn, $1.item.request) }
    }

    mutating func append(_ request: Int, _ lengths: [Int], _ deadline: ManualInstant) {
        for (index, length) in lengths.enumerated() {
            let item = BatchItem(request: request, slice: Slice(sequence: index, length: length))
            waiting.append(Waiting(item: item, turn: lastTurn + 1 + index, deadline: deadline))
        }
    }

    mutating func take(tokens: Int, items: Int) -> [BatchItem] {
        var batch: [Waiting] = []
        for next in inOrder {
            let all = batch.reduce(next.item.slice.tokens.count) { $0 + $1.item.slice.tokens.count }
            guard batch.isEmpty || all <= tokens, batch.count < items else { break }
            batch.append(next)
        }
        lastTurn = batch.last?.turn ?? lastTurn
        waiting.removeAll { one in batch.contains { $0.item == one.item } }
        return batch.map(\.item)
    }

    func workAhead(ofItems count: Int) -> WorkSize {
        WorkSize(lengths: waiting.filter { $0.turn <= lastTurn + count }.map(\.item.slice.tokens.count))
    }
}

extension FairQueue {
    /// What comes before the last of some slices of the only flow.
    fileprivate func workAhead(ofItems count: Int) -> WorkSize { workAhead(items: count, .zero) }
}

@Suite struct FairQueueTests {
    private typealias Queue = FairQueue<ManualInstant>

    private static func lengths(upTo count: Int, _ generator: inout SeededGenerator) -> [Int] {
        (0..<Int.random(in: 1...count, using: &generator)).map { _ in Int.random(in: 1...512, using: &generator) }
    }

    private static func take(_ queue: inout Queue, tokens: Int, items: Int = 1000) -> [BatchItem] {
        queue.takeBatch(
            tokens: tokens, items: items, dropLimit: .max, isAwaited: { _ in true }, isInTime: { _, _ in true }
        )
        .batch
    }

    @Test(arguments: 0..<8) func agreesWithAPlainListInAnyHistory(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = Queue()
        var plain = PlainQueue()
        var now = ManualInstant.start
        var last = 0
        for step in 0..<500 {
            now = now + .milliseconds(Int.random(in: 0..<20, using: &generator))
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                last += 1
                let deadline = now + .milliseconds(Int.random(in: 1..<3000, using: &generator))
                let lengths = Self.lengths(upTo: step.isMultiple(of: 7) ? 40 : 3, &generator)
                queue.append(last, .sequences(lengths), deadline: deadline)
                plain.append(last, lengths, deadline)
            case 5..<8:
                let tokens = Int.random(in: 1..<2000, using: &generator)
                let items = Int.random(in: 1..<9, using: &generator)
                #expect(Self.take(&queue, tokens: tokens, items: items) == plain.take(tokens: tokens, items: items))
            case 8:
                let request = Int.random(in: 0...last, using: &generator)
                let isThere = plain.waiting.contains { $0.item.request == request }
                #expect(queue.remove(request) == isThere)
                plain.waiting.removeAll { $0.item.request == request }
            default:
                let expired = plain.waiting.filter { $0.deadline <= now }
                    .sorted { ($0.deadline, $0.item.request) < ($1.deadline, $1.item.request) }
                var requests: [Int] = []
                for one in expired where requests.last != one.item.request { requests.append(one.item.request) }
                let limit = Int.random(in: 1..<10, using: &generator)
                #expect(queue.removeExpired(at: now, limit: limit) == Array(requests.prefix(limit)))
                plain.waiting.removeAll { requests.prefix(limit).contains($0.item.request) }
            }
            // Bit for bit, however long the history is.
            #expect(queue.size == WorkSize(lengths: plain.waiting.map(\.item.slice.tokens.count)))
            #expect(queue.count == plain.waiting.count)
            for count in [1, 2, 5, 100] {
                #expect(queue.workAhead(ofItems: count) == plain.workAhead(ofItems: count))
            }
        }
        while !queue.isEmpty { #expect(Self.take(&queue, tokens: 700) == plain.take(tokens: 700, items: 1000)) }
        #expect(plain.waiting.isEmpty)
        #expect(queue.size == .zero)
    }

    @Test(arguments: 0..<8) func nobodyIsHeldUpByMoreThanTheOthersTurns(seed: UInt64) {
        var generator = SeededGenerator(seed: 100 + seed)
        var queue = Queue()
        for request in 1...20 {
            queue.append(request, .sequences(Self.lengths(upTo: 200, &generator)), deadline: .start)
        }
        for _ in 0..<Int.random(in: 0..<500, using: &generator) { _ = Self.take(&queue, tokens: 0) }
        let own = Int.random(in: 1...5, using: &generator)
        let predicted = queue.workAhead(ofItems: own)
        queue.append(21, .sequences([Int](repeating: 10, count: own)), deadline: .start)
        var ahead = WorkSize.zero
        var turns: [Int: Int] = [:]
        var done = 0
        // One more comes before each sequence that is taken.
        for newcomer in 22... {
            queue.append(newcomer, .sequences(Self.lengths(upTo: 200, &generator)), deadline: .start)
            guard let item = Self.take(&queue, tokens: 0).first else { break }
            guard item.request != 21 else {
                done += 1
                if done == own { break }
                continue
            }
            if item.request < 21 { ahead += WorkSize(length: item.slice.tokens.count) }
            turns[item.request, default: 0] += 1
        }
        #expect(done == own)
        // As it was predicted; those who were there had its turns and the one that they were in, those who came later
        // fewer turns than itself.
        #expect(ahead == predicted)
        #expect(turns.allSatisfy { $0.value <= ($0.key < 21 ? own + 1 : own - 1) })
    }

    @Test func aLargeRequestIsDoneWhileOthersComeAndGo() {
        var queue = Queue()
        queue.append(1, .sequences([Int](repeating: 100, count: 50)), deadline: .start)
        var rest = 50
        for newcomer in 2...101 {
            queue.append(newcomer, .sequences([1]), deadline: .start)
            for _ in 0..<2 { rest -= Self.take(&queue, tokens: 0).filter { $0.request == 1 }.count }
        }
        #expect(rest == 0)
    }
}
