import Foundation
import PenstockCheckpoints
import PenstockTestSupport
import Synchronization

/// `pickle-fuzz SECONDS SEED [ITERATION]`: opens damaged and random files of `torch.save`, and reads what they are said
/// to hold. A file is an error or has tensors; a crash, or an iteration that takes too long, ends the process. With an
/// iteration only that one runs.
@main
struct PickleFuzz {
    /// Processor time that one iteration may take, in seconds; the sanitizer slows everything down.
    private static let limit = 20.0

    static func main() throws {
        let numbers = CommandLine.arguments.dropFirst().map { UInt64($0) ?? 0 }
        guard numbers.count >= 2 else {
            FileHandle.standardError.write(Data("usage: pickle-fuzz SECONDS SEED [ITERATION]\n".utf8))
            exit(2)
        }
        let (seconds, seed) = (Double(numbers[0]), numbers[1])
        let fuzzer = try ArchiveFuzzer()
        func run(_ iteration: UInt64) throws -> String {
            try fuzzer.run(SeededGenerator(seed: seed &* 1_000_003 &+ iteration))
        }
        if numbers.count > 2 {
            print("iteration \(numbers[2]): \(try run(numbers[2]))")
            return
        }
        let current = Mutex((iteration: UInt64(0), start: processorTime()))
        Thread.detachNewThread {
            while true {
                Thread.sleep(forTimeInterval: 1)
                let (iteration, start) = current.withLock { $0 }
                guard processorTime() - start > limit else { continue }
                FileHandle.standardError.write(Data("hang: seed \(seed), iteration \(iteration)\n".utf8))
                abort()
            }
        }
        var outcomes: [String: Int] = [:]
        let (atFirst, end) = (largestMemory(), Date().addingTimeInterval(seconds))
        var iteration: UInt64 = 0
        while Date() < end {
            current.withLock { $0 = (iteration, processorTime()) }
            // Written ahead: after a crash the last one names the culprit.
            if iteration.isMultiple(of: 64) { FileHandle.standardError.write(Data("\riteration \(iteration)".utf8)) }
            outcomes[try run(iteration), default: 0] += 1
            iteration += 1
        }
        print("\n\(iteration) runs with seed \(seed) in \(Int(seconds)) s")
        print("largest memory: \(largestMemory()) MB, of which \(atFirst) MB before the first run")
        for (outcome, count) in outcomes.sorted(by: { $0.key < $1.key }) { print("\(outcome): \(count)") }
    }
}

/// Seconds of processor time that the process has used: unlike the clock's it stands still while others have the
/// machine.
private func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Megabytes of the largest memory that the process ever had.
private func largestMemory() -> Int {
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss / 1024
}
