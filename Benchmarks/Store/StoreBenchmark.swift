import PenstockCompute
import PenstockJSON
import PenstockPipelines
import PenstockServing
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// `store-benchmark LOADED SERVED… [--loads N] [--seconds N]`: serves models at half of what they can do, while another one is
/// loaded and unloaded again and again. Prints how long requests take before and meanwhile, and what the process has of memory,
/// threads and descriptors. Ends with status 1 if a request fails.
@main
struct StoreBenchmark {
    static func main() async throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let loads = option("--loads", &arguments) ?? 10
        let seconds = option("--seconds", &arguments) ?? 20
        guard arguments.count > 1 else {
            print("usage: store-benchmark LOADED SERVED… [--loads N] [--seconds N]")
            exit(2)
        }
        let store = ModelStore(on: try Scheduler())
        var served: [ServedModel] = []
        for (index, directory) in arguments.dropFirst().enumerated() {
            served.append(try await store.load(ModelSource(name: "served-\(index)", directory: directory)))
        }
        let loaded = ModelSource(name: "loaded", directory: arguments[0])
        let load = OfferedLoad(served)
        let peak = try await load.peak(seconds: 4)
        print("peak: \(rounded(peak)) requests per second; offered: half of that")

        let quiet = try await load.run(rate: peak / 2, during: .seconds(seconds)) {}
        report("quiet", quiet)
        // The first load leaves behind what stays for good: caches of the allocator, threads that wait for work.
        try await cycle(loaded, in: store, isAsked: true)
        let before = Possessions()
        let times = Mutex<[Duration]>([])
        let busy = try await load.run(rate: peak / 2, during: nil) {
            for _ in 0..<loads {
                let time = try await cycle(loaded, in: store)
                times.withLock { $0.append(time) }
            }
        }
        report("while loading", busy)
        let all = times.withLock { $0.sorted() }
        print(
            "\(loads) loads: \(milliseconds(all[all.count / 2])) ms each, \(milliseconds(all[all.count - 1])) ms at most"
        )
        print("before: \(before)\nafter:  \(Possessions())")
        if quiet.failures + busy.failures > 0 { exit(1) }
    }

    private static func option(_ name: String, _ arguments: inout [String]) -> Int? {
        guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
        defer { arguments.removeSubrange(index...index + 1) }
        return Int(arguments[index + 1])
    }

    /// Loads a model, unloads it, and returns how long loading took.
    ///
    /// - Parameter isAsked: whether it is asked for something in between
    @discardableResult
    private static func cycle(
        _ source: ModelSource, in store: ModelStore, isAsked: Bool = false
    ) async throws -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        let model = try await store.load(source)
        let time = start.duration(to: clock.now)
        if isAsked { _ = try await model.answer(.string(OfferedLoad.text(for: model, words: 8))) }
        try store.unload(source.name)
        return time
    }

    private static func report(_ name: String, _ result: OfferedLoad.Result) {
        print(
            "\(name): \(result.count) requests, \(result.failures) failed, p50 \(milliseconds(result.percentile(0.5))) ms, "
                + "p99 \(milliseconds(result.percentile(0.99))) ms, longest \(milliseconds(result.percentile(1))) ms")
    }

    static func milliseconds(_ duration: Duration) -> Double { rounded(duration / .milliseconds(1)) }
    static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

/// What the process has.
private struct Possessions: CustomStringConvertible {
    let bytes = (KernelFile("/proc/self/status")?.value(of: "VmRSS:") ?? 0) / 1024
    let threads = KernelFile("/proc/self/status")?.value(of: "Threads:") ?? 0
    let descriptors = Self.count("/proc/self/fd")

    var description: String { "\(bytes) MiB, \(threads) threads, \(descriptors) descriptors" }

    private static func count(_ directory: String) -> Int {
        guard let stream = opendir(directory) else { return 0 }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        return count
    }
}
