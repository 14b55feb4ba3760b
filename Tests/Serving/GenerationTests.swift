import PenstockServing
import PenstockTestSupport
import Synchronization
import Testing

/// Requests whose answers have many elements, in the company of each other and of those whose answers have one.
@Suite struct GenerationTests {
    private static let far = ContinuousClock.now + .seconds(3600)
    private static let patient = Client(deadline: far)

    private let scheduler: Scheduler
    private let batches = FakeGenerator.Batches()
    private let model: Int

    init() throws {
        scheduler = try Scheduler(threads: 1)
        model = try scheduler.add(batches)
    }

    private func request(_ count: Int, capacity: Int = 4, of client: Client = patient) -> CountingRequest {
        CountingRequest(to: model, of: client, count: count, capacity: capacity)
    }

    /// Waits until the requests of the generator have been computed so often.
    private func waitForBatches(_ count: Int) async { while batches.all.count < count { await Task.yield() } }

    @Test func everyElementComesInItsOrder() async throws {
        #expect(try await scheduler.count(request(1000)) == Array(0..<1000))
        #expect(batches.all.count == 1000)
        #expect(scheduler.waitingItems(of: model) == 0)
    }

    @Test func severalShareTheirBatches() async throws {
        try await withThrowingTaskGroup(of: [Int].self) { group in
            for count in 100..<110 { group.addTask { try await scheduler.count(request(count)) } }
            var lengths: Set<Int> = []
            for try await numbers in group {
                #expect(numbers == Array(0..<numbers.count))
                lengths.insert(numbers.count)
            }
            #expect(lengths == Set(100..<110))
        }
        #expect(batches.all.contains { $0.count > 1 })
    }

    @Test func aReaderWhoTakesNothingStopsNobodyButItself() async throws {
        let slow = request(100, capacity: 3)
        scheduler.submit(slow)
        // It is computed until its answer has no room, and then no more, whatever else is.
        #expect(try await scheduler.count(request(500)) == Array(0..<500))
        #expect(try await scheduler.count(request(500)) == Array(0..<500))
        #expect(batches.all.count { $0.contains(100) } == 3)
        #expect(scheduler.waitingItems(of: model) == 0)
        // When it reads, it gets all that it asked for.
        var numbers: [Int] = []
        while let number = try await slow.answer.next() { numbers.append(number) }
        #expect(numbers == Array(0..<100))
    }

    @Test func aReaderWhoCancelsIsComputedNoMore() async throws {
        let endless = request(.max, capacity: 2)
        let reader = Task { try await scheduler.count(endless) }
        await waitForBatches(20)
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        #expect(try await scheduler.count(request(50)) == Array(0..<50))
        let computed = batches.all.count { $0.contains(.max) }
        #expect(try await scheduler.count(request(51)) == Array(0..<51))
        #expect(batches.all.count { $0.contains(.max) } == computed)
    }

    @Test func aReaderWhoCancelsWhileItsAnswerIsFullIsForgotten() async throws {
        let full = request(.max, capacity: 1)
        scheduler.submit(full)
        while batches.offered < 1 { await Task.yield() }
        scheduler.withdraw(full)
        #expect(try await full.answer.next() == 0)
        await #expect(throws: CancellationError.self) { try await full.answer.next() }
        #expect(try await scheduler.count(request(10)) == Array(0..<10))
        #expect(batches.all.count { $0.contains(.max) } == 1)
    }

    @Test func aDeadlineEndsAnAnswerThatHasBegun() async throws {
        let client = Client(deadline: .now + .milliseconds(200))
        let endless = request(.max, of: client)
        let error = await #expect(throws: ServingError.self) { try await scheduler.count(endless) }
        #expect(error?.code == .deadlineExceeded)
        #expect(scheduler.waitingItems(of: model) == 0)
    }

    @Test func whoHangsUpIsComputedNoMore() async throws {
        let isGone = Atomic<Bool>(false)
        let client = Client(deadline: Self.far) { isGone.load(ordering: .relaxed) }
        let endless = request(.max, of: client)
        let reader = Task { try await scheduler.count(endless) }
        await waitForBatches(20)
        isGone.store(true, ordering: .relaxed)
        let error = await #expect(throws: ServingError.self) { try await reader.value }
        #expect(error?.code == .clientGone)
    }

    @Test func thoseWithOneElementComeBetween() async throws {
        let echo = try ServedModel(FakeModel(), on: scheduler)
        let endless = request(.max)
        let reader = Task { try await scheduler.count(endless) }
        await waitForBatches(5)
        for id in 20..<40 { #expect(try await echo.echo([id]) == [id]) }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
    }

    @Test func aStopEndsAllAnswers() async throws {
        let endless = request(.max)
        let reader = Task { try await scheduler.count(endless) }
        await waitForBatches(5)
        scheduler.stop()
        let error = await #expect(throws: ServingError.self) { try await reader.value }
        #expect(error?.code == .shuttingDown)
    }
}
