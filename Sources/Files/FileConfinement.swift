#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A directory outside of which no file is opened, wherever links and settings of files lead.
package struct FileConfinement: Sendable {
    /// The one that holds for what this thread or task opens; nil for none.
    @TaskLocal package static var current: FileConfinement?

    /// The path of the directory without links; nil if it is not there, so that nothing is opened.
    private let root: String?

    package init(to directory: String) { root = Self.realPath(directory) }

    /// Tells whether a path without links is that of the directory or of something below it.
    package func contains(_ path: String) -> Bool {
        guard let root else { return false }
        return path == root || path.hasPrefix(root == "/" ? root : "\(root)/")
    }

    /// A path without links; nil if nothing lies there.
    package static func realPath(_ path: String) -> String? {
        guard !path.utf8.contains(0), let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(validatingCString: real)
    }

    /// Refuses a path that leads out of the directory, if there is anything.
    static func check(_ path: String) throws(FileError) {
        guard let current, let real = realPath(path) else { return }
        try current.require(real, of: path)
    }

    /// Refuses a file that was opened outside of the directory, whatever its path leads to by now.
    static func check(_ descriptor: Int32, of path: String) throws(FileError) {
        guard let current else { return }
        try current.require(Self.path(of: descriptor) ?? realPath(path) ?? "", of: path)
    }

    private func require(_ real: String, of path: String) throws(FileError) {
        guard !contains(real) else { return }
        throw FileError(.unreadable, path, "leads out of the directory that files of this model may be in")
    }

    /// The path that an open file lies at; nil if the system does not tell.
    private static func path(of descriptor: Int32) -> String? {
        #if canImport(Darwin)
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(MAXPATHLEN)) { buffer in
                guard let start = buffer.baseAddress, fcntl(descriptor, F_GETPATH, start) == 0 else { return nil }
                return String(validatingCString: start)
            }
        #else
            return realPath("/proc/self/fd/\(descriptor)")
        #endif
    }
}
