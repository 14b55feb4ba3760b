import PenstockJSON
import PenstockServing
import Synchronization

/// Requests to models in turn.
struct OfferedLoad: Sendable {
    private let models: [ServedModel]

    /// How long each request took that was answered, and how many were not.
    struct Result: Sendable {
        var times: [Duration] = []
        var failures = 0

        var count: Int { times.count + failures }

        func percentile(_ share: Double) -> Duration {
            let sorted = times.sorted()
            return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
        }
    }

    init(_ models: [ServedModel]) { self.models = models }

    /// A text that the model can answer.
    static func text(for model: ServedModel, words: Int) -> String {
        let mask =
            model.pipelines.first?.task == "fill-mask" ? model.loaded.tokenizer?.configuration.maskToken ?? "" : ""
        return (0..<min(words, model.loaded.maxInputTokens / 8)).map { _ in "the" }.joined(separator: " ") + " \(mask)"
    }

    /// The requests per second that are answered while 16 clients ask all the time.
    func peak(seconds: Int) async throws -> Double {
        let end = ContinuousClock.now + .seconds(seconds)
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for client in 0..<16 {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        try await ask(client + count)
                        count += 1
                    }
                    return count
                }
            }
            return try await Double(group.reduce(0, +)) / Double(seconds)
        }
    }

    /// Asks at a rate, whether answers come or not.
    ///
    /// - Parameters:
    ///   - time: how long; nil for as long as `body` takes
    ///   - body: done meanwhile
    func run(
        rate: Double, during time: Duration?, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Result {
        let (start, interval) = (ContinuousClock.now, Duration.seconds(1 / rate))
        let record = Record()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { record.isOver.store(true, ordering: .relaxed) }
                try await body()
                if let time { try await Task.sleep(until: start + time, clock: .continuous) }
            }
            group.addTask { await askAll(from: start, every: interval, record) }
            try await group.waitForAll()
        }
        return record.result.withLock { $0 }
    }

    private final class Record: Sendable {
        let isOver = Atomic<Bool>(false)
        let result = Mutex(Result())
    }

    private func askAll(from start: ContinuousClock.Instant, every interval: Duration, _ record: Record) async {
        await withDiscardingTaskGroup { requests in
            var number = 0
            while !record.isOver.load(ordering: .relaxed) {
                let (index, due) = (number, start + interval * number)
                try? await Task.sleep(until: due, tolerance: .zero, clock: .continuous)
                requests.addTask {
                    let isAnswered = (try? await ask(index)) != nil
                    record.result.withLock { result in
                        if isAnswered { result.times.append(due.duration(to: .now)) } else { result.failures += 1 }
                    }
                }
                number += 1
            }
        }
    }

    private func ask(_ number: Int) async throws {
        let model = models[number % models.count]
        _ = try await model.answer(.string(Self.text(for: model, words: 4 + number * 7 % 29)))
    }
}
