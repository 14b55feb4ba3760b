import Foundation

/// How many bytes this process may still take, and by whose limit.
package struct MemoryLimit: Sendable, Equatable, CustomStringConvertible {
    /// Who sets a limit.
    package enum Source: String, Sendable {
        /// The memory of the machine.
        case system = "system memory"
        /// A control group that the process is in, directly or through its ancestors.
        case controlGroup = "cgroup limit"
    }

    /// Who sets the limit.
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

    /// The bytes that are left.
    package var available: Int { max(0, limit - used) }

    /// The limit and what is used of it, in MiB.
    package var description: String { "\(source.rawValue) \(Size.mebibytes(limit)), \(Size.mebibytes(used)) used" }

    /// The tightest limit there is: of the machine, of the process's control group and of each group around it.
    ///
    /// - Parameters:
    ///   - processes: where the `proc` file system is
    ///   - controlGroups: where those of the control groups are
    /// - Returns: nil where nothing can be found, as on systems other than Linux.
    package static func current(processes: String = "/proc", controlGroups: String = "/sys/fs/cgroup") -> Self? {
        var limits = ControlGroups(processes: processes, root: controlGroups).limits
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
private struct ControlGroups {
    let limits: [MemoryLimit]

    init(processes: String, root: String) {
        guard let groups = KernelFile("\(processes)/self/cgroup") else {
            limits = []
            return
        }
        var limits: [MemoryLimit] = []
        for line in groups.lines {
            // hierarchy:controllers:path, where the path may have colons of its own
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[0] == "0", fields[1].isEmpty {
                limits += Self.directories(root, fields[2]).compactMap(Self.version2)
            } else if fields[1].split(separator: ",").contains("memory") {
                limits += Self.directories("\(root)/memory", fields[2]).compactMap(Self.version1)
            }
        }
        self.limits = limits
    }

    /// The directories of a group and of those around it.
    ///
    /// Inside a container the path may be the one outside, where it does not exist; the root is then the container's
    /// group. A path of `..` leads out of what can be seen, so that only the root is left of it.
    private static func directories(_ root: String, _ path: Substring) -> [String] {
        var components = path.split(separator: "/")
        if components.contains("..") { components = [] }
        return (0...components.count).map { count in
            components.prefix(count).reduce(root) { "\($0)/\($1)" }
        }
    }

    private static func version2(_ directory: String) -> MemoryLimit? {
        limit(
            of: directory, limit: "memory.max", usage: "memory.current",
            reclaimable: ["inactive_file", "active_file"])
    }

    private static func version1(_ directory: String) -> MemoryLimit? {
        limit(
            of: directory, limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes",
            reclaimable: ["total_inactive_file", "total_active_file"])
    }

    private static func limit(
        of directory: String, limit: String, usage: String, reclaimable: [Substring]
    ) -> MemoryLimit? {
        guard let limit = KernelFile("\(directory)/\(limit)")?.value else { return nil }
        let usage = KernelFile("\(directory)/\(usage)")?.value ?? 0
        let statistics = KernelFile("\(directory)/memory.stat")
        // Pages of files: a mapped checkpoint, for one. They go before anybody is killed for lack of memory.
        let cache = reclaimable.reduce(0) { $0 + (statistics?.value(of: $1) ?? 0) }
        return MemoryLimit(.controlGroup, limit: limit, used: usage - min(usage, cache))
    }
}

/// A text file in which the kernel says something, read whole.
private struct KernelFile {
    private let text: String

    /// Nil if it cannot be read.
    init?(_ path: String) {
        // Such files have no size, so they are read to their end; one without an end in sight is none of them.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, bytes.count < 1 << 20 else { return nil }
            if count == 0 { break }
            bytes += chunk.prefix(count)
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    var lines: [Substring] { text.split(separator: "\n") }

    /// The number that is all there is in it.
    var value: Int? { Self.number(text[...].trimmingSuffix(while: \.isWhitespace)) }

    /// The number that stands behind a key in a line.
    func value(of key: Substring) -> Int? {
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 2)
            if words.count > 1, words[0] == key { return Self.number(words[1]) }
        }
        return nil
    }

    /// A number of bytes; nil for anything else, such as `max`, or one so near 2^63 that it stands for no limit.
    ///
    /// Two of them can be added without overflow.
    private static func number(_ digits: Substring) -> Int? {
        guard let number = Int(digits), (0..<(1 << 62)).contains(number) else { return nil }
        return number
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isDropped: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, isDropped(last) { rest.removeLast() }
        return rest
    }
}
