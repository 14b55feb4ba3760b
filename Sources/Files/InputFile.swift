#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A regular file that is open for reading, and is not to change while it is.
///
/// Nothing is mapped: a file that is cut while somebody reads it is an error, not the end of the process.
package final class InputFile: Sendable {
    /// The path that it was opened by.
    package let path: String
    /// Its bytes.
    package let size: Int
    private let modification: (seconds: Int, nanoseconds: Int)
    private let descriptor: Int32

    private static let pointerStart = "version https://git-lfs.github.com/spec/"
    /// Git LFS writes no pointers of as many bytes.
    private static let pointerLimit = 1024

    /// Opens a file. Pipes, directories, devices and the pointers of Git LFS are errors.
    package init(path: String) throws(FileError) {
        guard try FileStatus.ifPresent(path) != nil else {
            throw FileError(.unreadable, path, "cannot be opened: No such file or directory")
        }
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError.ofSystem(path, "cannot be opened") }
        let status: FileStatus
        do {
            try FileConfinement.check(descriptor, of: path)
            status = try Self.status(of: descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
        size = status.size
        modification = (status.modification.tv_sec, status.modification.tv_nsec)
        guard status.kind == .file else {
            throw FileError(.unreadable, path, "is not a regular file but \(status.kind.rawValue)")
        }
        if try isPointer() {
            throw FileError(.malformed, path, "is a Git LFS pointer: fetch the file itself, as with `git lfs pull`")
        }
    }

    deinit { close(descriptor) }

    /// Opens a file, if there is anything at the path.
    package static func ifPresent(_ path: String) throws(FileError) -> InputFile? {
        try FileStatus.ifPresent(path) == nil ? nil : try InputFile(path: path)
    }

    /// Fills a buffer with the bytes from an offset on.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
        guard let base = buffer.baseAddress else { return }
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, base + done, buffer.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError.ofSystem(path, "cannot be read") }
            if count == 0 { break }
            done += count
        }
        let now = try Self.status(of: descriptor, path)
        let isUnchanged = (now.modification.tv_sec, now.modification.tv_nsec) == modification && now.size == size
        guard isUnchanged, done == buffer.count else {
            throw FileError(
                .unreadable, path,
                "was changed while it was being read, from \(size) to \(now.size) bytes; load it again")
        }
    }

    /// All that is in it.
    ///
    /// - Parameter limit: the bytes beyond which it is refused.
    package func contents(atMost limit: Int = 512 << 20) throws(FileError) -> FileContents {
        guard size <= limit else {
            throw FileError(.malformed, path, "has \(size) bytes; more than \(limit) are not read")
        }
        return try FileContents(of: self, 0..<size)
    }

    private static func status(of descriptor: Int32, _ path: String) throws(FileError) -> FileStatus {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError.ofSystem(path, "cannot be read") }
        return FileStatus(status)
    }

    private func isPointer() throws(FileError) -> Bool {
        let start = Self.pointerStart.utf8
        guard size >= start.count, size < Self.pointerLimit else { return false }
        return try FileContents(of: self, 0..<start.count).withBytes { $0.elementsEqual(start) }
    }
}
