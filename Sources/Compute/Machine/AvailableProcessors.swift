#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The processors that this process may use.
public enum AvailableProcessors {
    /// Threads that use them fully: one per physical core that the process may run on, no more than the share of the
    /// processors that its control groups allow. It is found when it is asked for first: threads that were started are
    /// not taken back either.
    public static var count: Int { found }

    private static let found: Int = count(processes: "/proc")

    /// - Parameters:
    ///   - processes: where the `proc` file system is
    ///   - devices: where the directories `cpu0`, `cpu1`, … are that tell the topology
    ///   - controlGroups: where the file system of the control groups is
    ///   - fallback: what the system says if none of that is to be found
    package static func count(
        processes: String = "/proc", devices: String = "/sys/devices/system/cpu",
        controlGroups: String = "/sys/fs/cgroup", fallback: Int = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    ) -> Int {
        let allowed = allowedProcessors(processes)
        let cores = allowed.isEmpty ? fallback : physicalCores(allowed, devices)
        let groups = ControlGroups(processes: processes, root: controlGroups)
        return ([cores] + groups.groups(of: "cpu").compactMap(quota)).min().map { max(1, $0) } ?? 1
    }

    /// The numbers of the processors that the scheduler may put this process on.
    private static func allowedProcessors(_ processes: String) -> [Int] {
        let key = "Cpus_allowed_list:"
        guard let line = KernelFile("\(processes)/self/status")?.lines.first(where: { $0.hasPrefix(key) }) else {
            return []
        }
        return numbers(line.dropFirst(key.count))
    }

    /// The numbers of a list such as `0-3,8,10-11`; none of anything else.
    private static func numbers(_ list: Substring) -> [Int] {
        let largest = 1 << 16
        var numbers: [Int] = []
        for range in list.filter({ !$0.isWhitespace }).split(separator: ",") {
            let bounds = range.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map {
                Int($0) ?? -1
            }
            guard let first = bounds.first, let last = bounds.last, (0...largest).contains(first),
                (first...largest).contains(last)
            else { return [] }
            numbers += first...last
        }
        return numbers
    }

    /// Returns the number of cores that the processors are on: threads of one core tell the same list of siblings.
    private static func physicalCores(_ processors: [Int], _ devices: String) -> Int {
        let siblings = processors.map { processor in
            let topology = "\(devices)/cpu\(processor)/topology"
            let file = KernelFile("\(topology)/core_cpus_list") ?? KernelFile("\(topology)/thread_siblings_list")
            return file?.lines.first.map(String.init) ?? "\(processor)"
        }
        return Set(siblings).count
    }

    /// The processors that a group may use at one time, a part of one counted as one; nil for no limit.
    private static func quota(_ group: (version: ControlGroups.Version, directory: String)) -> Int? {
        let quota: Int?
        let period: Int?
        switch group.version {
        case .one:
            quota = KernelFile("\(group.directory)/cpu.cfs_quota_us")?.value
            period = KernelFile("\(group.directory)/cpu.cfs_period_us")?.value
        case .two:
            let words = KernelFile("\(group.directory)/cpu.max")?.lines.first?.split(separator: " ") ?? []
            quota = words.first.flatMap { Int($0) }
            period = words.count > 1 ? Int(words[1]) : 100_000
        }
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return (quota - 1) / period + 1
    }
}
