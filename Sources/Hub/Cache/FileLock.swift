#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A lock between processes: an exclusive `flock` on a file, as Python's `filelock.UnixFileLock` takes it.
///
/// The file stays when the lock is given back, so that all who wait look at the same one. The system gives it back for a
/// process that dies.
package final class FileLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// The outcome of asking for a lock.
    package enum Outcome {
        /// It is ours until nobody holds the object any more.
        case taken(FileLock)
        /// Somebody else has it.
        case busy
        /// The file system knows no locks.
        case unsupported
    }

    /// Asks for a lock, and does not wait. The folder of the file has to be there.
    package static func tryLock(_ path: String) throws(HubError) -> Outcome {
        // Modes as huggingface_hub's WeakFileLock has them: users of a group can wait for each other.
        let created = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o664)
        let descriptor = created >= 0 || errno != EEXIST ? created : reopened(path)
        guard descriptor >= 0 else {
            if errno == ENOENT { return .busy }
            throw HubError.system(errno, path, "open the lock")
        }
        if created >= 0 { fchmod(descriptor, 0o664) }
        let lock = FileLock(descriptor: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            switch errno {
            case EWOULDBLOCK, EACCES, EINTR: return .busy
            case ENOSYS, EOPNOTSUPP, EINVAL, ENOLCK: return .unsupported
            default: throw HubError.system(errno, path, "lock")
            }
        }
        // Whoever removed the file meanwhile has others lock another one.
        var (held, named) = (stat(), stat())
        guard fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino,
            held.st_dev == named.st_dev
        else { return .busy }
        return .taken(lock)
    }

    /// A file that somebody made, perhaps another user who lets others only read it: that is enough for a lock, but on NFS.
    private static func reopened(_ path: String) -> Int32 {
        let flags = O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW
        let descriptor = open(path, O_RDWR | flags)
        return descriptor >= 0 || errno != EACCES ? descriptor : open(path, O_RDONLY | flags)
    }
}
