import PenstockServing
import Synchronization
import Testing

@Suite struct OrderedResultsTests {
    final class Flag: Sendable {
        private let value = Atomic<Bool>(false)

        var isSet: Bool { value.load(ordering: .relaxed) }
        func set() { value.store(true, ordering: .relaxed) }
    }

    struct Broken: Error, Equatable { let number: Int }

    /// Numbers from 0 on that note how many were taken, and may end with an error.
    final class Numbers: AsyncSequence, Sendable {
        typealias Element = Int

        let count: Int
        let error: Broken?
        fileprivate let counter = Atomic<Int>(0)

        var taken: Int { counter.load(ordering: .relaxed) }

        init(_ count: Int, error: Broken? = nil) { (self.count, self.error) = (count, error) }

        struct Iterator: AsyncIteratorProtocol {
            let numbers: Numbers

            mutating func next() async throws -> Int? {
                let number = numbers.taken
                guard number < numbers.count else {
                    if let error = numbers.error { throw error }
                    return nil
                }
                numbers.counter.store(number + 1, ordering: .relaxed)
                return number
            }
        }

        func makeAsyncIterator() -> Iterator { Iterator(numbers: self) }
    }

    /// A gate that holds tasks until it is opened.
    actor Gate {
        private var isOpen = false
        private var waiting: [CheckedContinuation<Void, Never>] = []
        private(set) var arrived = 0

        func pass() async {
            arrived += 1
            if !isOpen { await withCheckedContinuation { waiting.append($0) } }
        }

        func open() {
            isOpen = true
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }

    @Test func resultsKeepTheirOrderWhoeverIsDoneFirst() async throws {
        let results = OrderedResults(Numbers(500)) { number, _ in
            for _ in 0..<(number % 7) * 3 { await Task.yield() }
            return number * 2
        }
        var seen: [Int] = []
        for try await result in results { seen.append(try result.get()) }
        #expect(seen == (0..<500).map { $0 * 2 })
    }

    @Test func theFirstComesWhileLaterOnesAreStillWorkedOn() async throws {
        let gate = Gate()
        let results = OrderedResults(Numbers(10)) { number, _ in
            if number > 0 { await gate.pass() }
            return number
        }
        var iterator = results.makeAsyncIterator()
        #expect(try await iterator.next()?.get() == 0)
        await gate.open()
        for expected in 1..<10 { #expect(try await iterator.next()?.get() == expected) }
        #expect(try await iterator.next() == nil)
    }

    @Test func noMoreAreTakenThanThereIsRoomFor() async throws {
        let (numbers, gate) = (Numbers(1000), Gate())
        var iterator = OrderedResults(numbers, limit: 8) { number, _ in
            await gate.pass()
            return number
        }.makeAsyncIterator()
        async let first = iterator.next()?.get()
        while await gate.arrived < 8 { await Task.yield() }
        await gate.open()
        #expect(try await first == 0)
        // One is handed on, eight are there.
        #expect(numbers.taken <= 9)
    }

    @Test func anErrorIsOneElementsOwnAndTheBasesComesLast() async throws {
        let numbers = Numbers(6, error: Broken(number: -1))
        let results = OrderedResults(numbers) { number, _ in
            if number == 2 { throw Broken(number: 2) }
            return number
        }
        var seen: [Int?] = []
        let error = await #expect(throws: Broken.self) {
            for try await result in results { seen.append(try? result.get()) }
        }
        #expect(seen == [0, 1, nil, 3, 4, 5])
        #expect(error == Broken(number: -1))
    }

    @Test func whoIsNoLongerWantedIsCancelled() async throws {
        let cancelled = Flag()
        do {
            let results = OrderedResults(Numbers(1000), limit: 4) { number, _ in
                if number == 0 { return 0 }
                do {
                    try await Task.sleep(for: .seconds(3600))
                } catch {
                    cancelled.set()
                    throw error
                }
                return number
            }
            for try await _ in results { break }
        }
        while !cancelled.isSet { await Task.yield() }
    }

    // MARK: Room

    @Test func theOldestMayAlwaysTakeMore() async throws {
        let window = ByteWindow(bytes: 100)
        let turns = (0..<3).map { _ in window.turn() }
        try await turns[1].take(bytes: 60)
        try await turns[2].take(bytes: 40)
        try await turns[0].take(bytes: 1_000_000)
    }

    @Test func othersWaitForRoom() async throws {
        let window = ByteWindow(bytes: 100)
        let turns = (0..<3).map { _ in window.turn() }
        try await turns[0].take(bytes: 50)
        let entered = Flag()
        let second = Task {
            try await turns[1].take(bytes: 80)
            entered.set()
        }
        // Who comes later may pass as long as the earlier one is not there; then it may not.
        for _ in 0..<100 { await Task.yield() }
        #expect(!entered.isSet)
        turns[0].leave()
        try await second.value
        let third = Task { try await turns[2].take(bytes: 30) }
        third.cancel()
        await #expect(throws: CancellationError.self) { try await third.value }
        turns[1].leave()
        // A turn that was left takes nothing more.
        await #expect(throws: CancellationError.self) { try await turns[1].take(bytes: 1) }
    }
}
