import Foundation
import Synchronization

/// The loop of programs that fuzz a reader: `NAME SECONDS SEED [ITERATION]`. A crash, or an iteration that fails or takes
/// too long, ends the process. With an iteration only that one runs.
package enum FuzzLoop {
    /// Processor time that one iteration may take, in seconds; the sanitizer slows everything down.
    private static let limit = 20.0
    /// Seconds for which an iteration may wait while the process does nothing.
    private static let idleLimit = 300

    /// What the arguments of the process say beside numbers.
    package static var words: [String] { CommandLine.arguments.dropFirst().filter { UInt64($0) == nil } }

    /// As ``main(_:growth:_:)``, of iterations that wait for others.
    package static func mainOfWaiting(
        _ name: String, growth: Int? = nil, _ run: @escaping @Sendable (SeededGenerator) async throws -> String
    ) throws {
        try main(name, growth: growth) { generator in
            let outcome = Outcome()
            let isThere = DispatchSemaphore(value: 0)
            Task {
                do {
                    outcome.set(.success(try await run(generator)))
                } catch {
                    outcome.set(.failure(error))
                }
                isThere.signal()
            }
            isThere.wait()
            return try outcome.value.get()
        }
    }

    /// Runs iterations as long as the arguments of the process say, and prints what came of them.
    ///
    /// - Parameters:
    ///   - name: that of the program
    ///   - growth: the megabytes by which the memory may grow; nil for any
    ///   - run: an iteration, which returns a word for what came of it
    package static func main(
        _ name: String, growth: Int? = nil, _ run: (SeededGenerator) throws -> String
    ) throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        guard numbers.count >= 2 else {
            FileHandle.standardError.write(Data("usage: \(name) SECONDS SEED [ITERATION]\n".utf8))
            exit(2)
        }
        let (seconds, seed) = (Double(numbers[0]), numbers[1])
        func outcome(_ iteration: UInt64) -> String {
            do {
                return try run(SeededGenerator(seed: seed &* 1_000_003 &+ iteration))
            } catch {
                fail("failed", seed, iteration, "\(error)")
            }
        }
        if numbers.count > 2 {
            print("iteration \(numbers[2]): \(outcome(numbers[2]))")
            return
        }
        let current = watch(seed)
        var outcomes: [String: Int] = [:]
        var slowest = (seconds: 0.0, iteration: UInt64(0))
        let (atFirst, end) = (largestMemory(), Date().addingTimeInterval(seconds))
        var iteration: UInt64 = 0
        while Date() < end {
            let start = processorTime()
            current.set(iteration, start)
            // Written ahead: after a crash the culprit is among those from the last one on.
            if iteration.isMultiple(of: 64) { FileHandle.standardError.write(Data("\riteration \(iteration)".utf8)) }
            outcomes[outcome(iteration), default: 0] += 1
            let duration = processorTime() - start
            if duration > slowest.seconds { slowest = (duration, iteration) }
            if let growth, largestMemory() - atFirst > growth {
                fail("memory", seed, iteration, "\(largestMemory()) MB, after \(atFirst) MB before the first run")
            }
            iteration += 1
        }
        print("\n\(iteration) runs with seed \(seed) in \(Int(seconds)) s")
        print("slowest: \(slowest.seconds) s of the processor (\(slowest.iteration))")
        print("largest memory: \(largestMemory()) MB, of which \(atFirst) MB before the first run")
        for (outcome, count) in outcomes.sorted(by: { $0.key < $1.key }) { print("\(outcome): \(count)") }
    }

    /// The iteration that runs, and when it began.
    private final class Current: Sendable {
        private let state = Mutex((iteration: UInt64(0), start: 0.0))

        func set(_ iteration: UInt64, _ start: Double) { state.withLock { $0 = (iteration, start) } }
        var value: (iteration: UInt64, start: Double) { state.withLock { $0 } }
    }

    /// What came of an iteration.
    private final class Outcome: Sendable {
        private let state = Mutex<Result<String, any Error>>(.success(""))

        func set(_ result: Result<String, any Error>) { state.withLock { $0 = result } }
        var value: Result<String, any Error> { state.withLock { $0 } }
    }

    /// Ends the process and says which iteration has failed.
    private static func fail(_ fault: String, _ seed: UInt64, _ iteration: UInt64, _ details: String) -> Never {
        FileHandle.standardError.write(Data("\n\(fault): seed \(seed), iteration \(iteration): \(details)\n".utf8))
        exit(1)
    }

    /// Ends the process if an iteration takes too long, or waits for what does not come.
    private static func watch(_ seed: UInt64) -> Current {
        let current = Current()
        current.set(0, processorTime())
        Thread.detachNewThread {
            var (idle, before) = (0, (iteration: UInt64(0), time: 0.0))
            while true {
                Thread.sleep(forTimeInterval: 1)
                let (iteration, start) = current.value
                let now = processorTime()
                // It also stands still while others have the machine, though hardly for so long.
                idle = iteration == before.iteration && now - before.time < 0.01 ? idle + 1 : 0
                before = (iteration, now)
                guard now - start > limit || idle > idleLimit else { continue }
                FileHandle.standardError.write(Data("hang: seed \(seed), iteration \(iteration)\n".utf8))
                abort()
            }
        }
        return current
    }

    /// Seconds of processor time that the process has used: unlike the clock's it stands still while others have the
    /// machine.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Megabytes of the largest memory that the process ever had.
    private static func largestMemory() -> Int {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss / 1024
    }
}

extension SeededGenerator {
    /// Damages a file: changes bytes, cuts pieces out, doubles or moves them, or lets the end be missing.
    package mutating func damage(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: bytes.indices, using: &self)
        let end = min(bytes.count, place + Int.random(in: 1...40, using: &self))
        switch Int.random(in: 0..<8, using: &self) {
        case 0: bytes.removeSubrange(place..<end)
        case 1: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: bytes.indices, using: &self))
        case 2: bytes.removeSubrange((place + 1)...)
        case 3: for index in place..<min(end, place + 8) { bytes[index] = 0xFF }
        case 4: for index in place..<min(end, place + 8) { bytes[index] = 0 }
        default: bytes[place] = UInt8.random(in: 0...255, using: &self)
        }
    }
}
