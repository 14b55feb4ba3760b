import PenstockCompute

/// The number of bytes that this process may still take, and by whose limit.
package struct MemoryLimit: Sendable, Equatable, CustomStringConvertible {
    /// A source that sets a limit.
    package enum Source: String, Sendable {
        /// The memory of the machine.
        case system = "system memory"
        /// A control group that the process is in, directly or through its ancestors.
        case controlGroup = "cgroup limit"
        /// The memory that the models of this process may take together.
        case budget = "memory budget"
    }

    /// The source that sets the limit.
    package let source: Source
    /// The bytes that all processes under the limit together may take.
    package let limit: Int
    /// The bytes that they have taken, without what the kernel gives back when it is short.
    package let used: Int

    /// A limit of `limit` bytes of which `used` are taken.
    package init(_ source: Source, limit: Int, used: Int) {
        self.source = source
        self.limit = max(0, limit)
        self.used = max(0, used)
    }

    /// The bytes of it that are left alone by default: a budget is for models and nothing else.
    package var margin: Int { source == .budget ? 0 : WorkspacePlan.defaultMargin }

    /// The bytes that are left.
    package var available: Int { max(0, limit - used) }

    /// The same, with bytes that are used now to be used for what it is asked for.
    func releasing(_ bytes: Int) -> MemoryLimit { MemoryLimit(source, limit: limit, used: used - bytes) }

    /// The same, with bytes that will be used.
    func taking(_ bytes: Int) -> MemoryLimit { MemoryLimit(source, limit: limit, used: used + bytes) }

    /// The limit and what is used of it, in MiB.
    package var description: String { "\(source.rawValue) \(Size.mebibytes(limit)), \(Size.mebibytes(used)) used" }

    /// The tightest limit there is: of the machine, of the process's control group and of each group around it.
    ///
    /// - Parameters:
    ///   - processes: where the `proc` file system is
    ///   - controlGroups: where those of the control groups are
    /// - Returns: nil where nothing can be found, as on systems other than Linux.
    package static func current(processes: String = "/proc", controlGroups: String = "/sys/fs/cgroup") -> Self? {
        var limits = ControlGroups(processes: processes, root: controlGroups).memoryLimits
        if let system = system(processes: processes) { limits.append(system) }
        return limits.min { $0.available < $1.available }
    }

    /// The limit of the machine, from `meminfo`.
    private static func system(processes: String) -> Self? {
        guard let file = KernelFile("\(processes)/meminfo") else { return nil }
        func bytes(_ key: Substring) -> Int? {
            guard let kibibytes = file.value(of: key) else { return nil }
            let (bytes, overflows) = kibibytes.multipliedReportingOverflow(by: 1024)
            return overflows ? nil : bytes
        }
        guard let total = bytes("MemTotal:"), let available = bytes("MemAvailable:") else { return nil }
        return Self(.system, limit: total, used: total - available)
    }
}

/// The limits that the control groups of this process set, in version 2 and version 1 of that interface.
extension ControlGroups {
    fileprivate var memoryLimits: [MemoryLimit] {
        groups(of: "memory").compactMap { group in
            switch group.version {
            case .one:
                Self.memoryLimit(
                    of: group.directory, limits: ["memory.limit_in_bytes"], usage: "memory.usage_in_bytes",
                    reclaimable: ["total_inactive_file", "total_active_file"])
            case .two:
                // Above `high` a group is slowed down until it hardly moves.
                Self.memoryLimit(
                    of: group.directory, limits: ["memory.max", "memory.high"], usage: "memory.current",
                    reclaimable: ["inactive_file", "active_file"])
            }
        }
    }

    private static func memoryLimit(
        of directory: String, limits: [String], usage: String, reclaimable: [Substring]
    ) -> MemoryLimit? {
        guard let limit = limits.compactMap({ KernelFile("\(directory)/\($0)")?.value }).min() else { return nil }
        let usage = KernelFile("\(directory)/\(usage)")?.value ?? 0
        let statistics = KernelFile("\(directory)/memory.stat")
        // Pages of files: of a checkpoint that was read, for one. They go before anybody is killed for lack of memory.
        let cache = reclaimable.reduce(0) { $0 + (statistics?.value(of: $1) ?? 0) }
        return MemoryLimit(.controlGroup, limit: limit, used: usage - min(usage, cache))
    }
}
