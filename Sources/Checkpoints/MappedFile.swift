import Foundation

/// A whole file, mapped read-only into memory until the last reference is gone.
final class MappedFile: @unchecked Sendable {
    // Safe to share: nobody writes to the mapping.
    let bytes: UnsafeRawBufferPointer
    let path: String

    init(path: String) throws(CheckpointError) {
        self.path = path
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened") }
        defer { _ = Foundation.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, "cannot be read") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CheckpointError(.unreadableFile, file: path, "is not a regular file")
        }
        let size = Int(status.st_size)
        guard size > 0 else { throw CheckpointError(.malformedFile, file: path, "is empty") }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw Self.failure(path, "cannot be mapped into memory")
        }
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    /// Gives back the memory of the whole pages in a range until somebody reads them again.
    func release(_ range: Range<Int>) {
        let page = Int(getpagesize())
        let (start, end) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
        guard start < end, let base = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    private static func failure(_ path: String, _ what: String) -> CheckpointError {
        CheckpointError(.unreadableFile, file: path, "\(what): \(String(cString: strerror(errno)))")
    }
}
