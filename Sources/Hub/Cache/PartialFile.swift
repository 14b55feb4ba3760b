#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The first bytes of a file that is on its way, `ETAG.incomplete`: at any moment, also when the process is killed, what it
/// holds is the start of the file without holes, so that whoever finds it can go on behind it.
package struct PartialFile: ~Copyable {
    /// Its path.
    package let path: String
    /// Bytes that it has.
    package private(set) var count = 0
    private let etag: String
    private let size: Int
    private let descriptor: Int32
    private var digest: ContentDigest

    private static let chunk = 1 << 20

    /// Opens what somebody left, or makes an empty file, and goes over the bytes that are there.
    ///
    /// - Parameters:
    ///   - etag: the name of the blob
    ///   - size: bytes of the whole; a file that has more is begun anew
    package static func opened(path: String, etag: String, size: Int) throws(HubError) -> PartialFile {
        var file = PartialFile(path, etag, size, try descriptor(of: path))
        try file.takeUp()
        return file
    }

    private static func descriptor(of path: String) throws(HubError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o666)
        guard descriptor >= 0 else { throw HubError.system(errno, path, "write") }
        return descriptor
    }

    private init(_ path: String, _ etag: String, _ size: Int, _ descriptor: Int32) {
        (self.path, self.etag, self.size, self.descriptor) = (path, etag, size, descriptor)
        digest = ContentDigest(etag: etag, size: size)
    }

    private mutating func takeUp() throws(HubError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw HubError(.unusableCache, "\(path): is no regular file; remove it")
        }
        guard status.st_size > 0 else { return }
        if Int(status.st_size) > size || !digestPrefix(Int(status.st_size)) { try restart() }
    }

    deinit { close(descriptor) }

    /// True if all bytes are there.
    package var isComplete: Bool { count == size }

    /// True if the bytes, when all are there, are those of the blob's name.
    package var isRight: Bool { digest.isRight }

    /// Adds bytes at the end.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(HubError) {
        var written = 0
        while written < bytes.count {
            let result = pwrite(
                descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, off_t(count))
            if result < 0 {
                if errno == EINTR { continue }
                throw HubError.system(errno, path, "write")
            }
            digest.update(UnsafeRawBufferPointer(rebasing: bytes[written..<written + result]))
            written += result
            count += result
        }
    }

    /// Forgets all bytes.
    package mutating func restart() throws(HubError) {
        guard ftruncate(descriptor, 0) == 0 else { throw HubError.system(errno, path, "write") }
        count = 0
        digest = ContentDigest(etag: etag, size: size)
    }

    /// Makes it the blob, with its bytes on the disk.
    package mutating func finish(as blob: String) throws(HubError) {
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
            throw HubError.system(errno, path, "write")
        }
        try CacheIO.rename(path, to: blob)
    }

    /// Goes over the bytes that are there. Returns whether all could be read.
    private mutating func digestPrefix(_ bytes: Int) -> Bool {
        var buffer = [UInt8](repeating: 0, count: min(bytes, Self.chunk))
        while count < bytes {
            let (offset, wanted) = (count, min(buffer.count, bytes - count))
            let result = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, wanted, off_t(offset)) }
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { return false }
            buffer.withUnsafeBytes { digest.update(UnsafeRawBufferPointer(rebasing: $0[..<result])) }
            count += result
        }
        return true
    }
}
