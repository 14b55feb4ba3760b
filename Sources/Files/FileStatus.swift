#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The status that the file system gives of a path.
package struct FileStatus {
    /// A kind of thing that lies at a path.
    package enum Kind: String, Sendable {
        case file = "a regular file"
        case directory = "a directory"
        case link = "a symbolic link"
        case pipe = "a pipe"
        case socket = "a socket"
        case device = "a device"
        case other = "something else"
    }

    /// The kind of thing that lies there.
    package let kind: Kind
    /// Bytes of a regular file.
    let size: Int
    /// When its contents were changed last.
    let modification: timespec

    init(_ status: stat) {
        size = Int(status.st_size)
        #if canImport(Darwin)
            modification = status.st_mtimespec
        #else
            modification = status.st_mtim
        #endif
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            case S_IFIFO: .pipe
            case S_IFSOCK: .socket
            case S_IFCHR, S_IFBLK: .device
            default: .other
            }
    }

    /// The status of what lies at a path, or nil if nothing does. A symbolic link is followed, and one that leads
    /// nowhere is an error, because whoever made it meant something.
    package static func ifPresent(_ path: String) throws(FileError) -> FileStatus? {
        try checkName(path)
        try FileConfinement.check(path)
        var status = stat()
        if stat(path, &status) == 0 { return FileStatus(status) }
        guard errno == ENOENT else { throw FileError.ofSystem(path, "cannot be opened") }
        if lstat(path, &status) == 0 {
            throw FileError(.unreadable, path, "is a symbolic link to what is not there: No such file or directory")
        }
        guard errno == ENOENT else { throw FileError.ofSystem(path, "cannot be opened") }
        return nil
    }

    /// Refuses a path that the system would cut at a byte of zero.
    static func checkName(_ path: String) throws(FileError) {
        if path.utf8.contains(0) { throw FileError(.unreadable, path, "is no path: it holds a byte of zero") }
    }
}
