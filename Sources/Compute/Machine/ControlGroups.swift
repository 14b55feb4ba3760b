/// The control groups that limit this process, in version 1 and version 2 of that interface.
package struct ControlGroups {
    /// The interface of a group's files.
    package enum Version: Sendable {
        case one
        case two
    }

    private let processes: String
    private let root: String

    /// - Parameters:
    ///   - processes: where the `proc` file system is
    ///   - root: where those of the control groups are
    package init(processes: String = "/proc", root: String = "/sys/fs/cgroup") {
        self.processes = processes
        self.root = root
    }

    /// The directories of the groups that may limit what a controller controls: the process's own and those around it.
    package func groups(of controller: Substring) -> [(version: Version, directory: String)] {
        var groups: [(version: Version, directory: String)] = []
        for line in KernelFile("\(processes)/self/cgroup")?.lines ?? [] {
            // hierarchy:controllers:path, where the path may have colons of its own
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[0] == "0", fields[1].isEmpty {
                groups += Self.directories(root, fields[2]).map { (.two, $0) }
            } else if fields[1].split(separator: ",").contains(controller) {
                groups += Self.directories("\(root)/\(controller)", fields[2]).map { (.one, $0) }
            }
        }
        return groups
    }

    /// The directories of a group and of those around it.
    ///
    /// Inside a container the path may be the one outside, where it does not exist; the root is then the container's
    /// group. A path of `..` leads out of what can be seen, so that only the root is left of it.
    private static func directories(_ root: String, _ path: Substring) -> [String] {
        // By bytes: a slash under a combining mark is still one.
        var components = path.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
        if components.contains("..") { components = [] }
        return (0...components.count).map { count in
            components.prefix(count).reduce(root) { "\($0)/\($1)" }
        }
    }
}
