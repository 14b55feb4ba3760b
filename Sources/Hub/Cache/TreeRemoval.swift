#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Removes what lies at a path with all that is below it; links are removed, and not what they lead to.
///
/// Each folder is opened, and its entries are removed by their bytes: a name need not be a text, a path may be longer than
/// the system takes, and what becomes a link meanwhile leads nowhere else.
enum TreeRemoval {
    /// Removes a tree; a path at which there is nothing is removed already.
    static func run(_ path: String) throws(HubError) {
        guard let status = CacheIO.status(path, followingLinks: false) else { return }
        guard status.isFolder else { return try CacheIO.remove(path) }
        try empty(openat(AT_FDCWD, path, flags), path)
        guard rmdir(path) != 0, errno != ENOENT else { return }
        throw HubError.system(errno, path, "remove the folder")
    }

    private static let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC

    /// Removes all that is in an open folder, and closes it.
    ///
    /// - Parameter path: the path of the whole, for messages
    private static func empty(_ descriptor: Int32, _ path: String) throws(HubError) {
        guard descriptor >= 0 else { throw failure(path) }
        guard let stream = fdopendir(descriptor) else {
            defer { close(descriptor) }
            throw failure(path)
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } })
        }
        for name in names
        where ![".", ".."].contains(where: { name.elementsEqual($0.utf8.map { byte in CChar(bitPattern: byte) }) }) {
            try remove(name + [0], in: descriptor, path)
        }
    }

    private static func remove(_ name: [CChar], in folder: Int32, _ path: String) throws(HubError) {
        if unlinkat(folder, name, 0) == 0 || errno == ENOENT { return }
        // Linux says EISDIR of a folder, POSIX EPERM.
        guard errno == EISDIR || errno == EPERM else { throw failure(path) }
        try empty(openat(folder, name, flags), path)
        guard unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw failure(path) }
    }

    /// The failure of the last system call.
    private static func failure(_ path: String) -> HubError { .system(errno, path, "remove what is in it") }
}
