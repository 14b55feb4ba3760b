#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Failures of the system in its own words.
enum SystemText {
    /// The words for an error number.
    static func of(_ number: Int32) -> String { String(cString: strerror(number)) }
}

extension HubError {
    /// Returns what a failed system call on a cache means to a user.
    ///
    /// - Parameters:
    ///   - number: `errno`
    ///   - doing: what was to be done to the path, such as "write"
    package static func system(_ number: Int32, _ path: String, _ doing: String) -> HubError {
        switch number {
        case ENOSPC, EDQUOT:
            HubError(
                .diskFull,
                "\(path): there is no room left on the disk; make some (`penstock list`, `penstock remove`), or set HF_HUB_CACHE "
                    + "to a folder on another one; what is downloaded is kept")
        case EROFS, EACCES, EPERM:
            HubError(
                .readOnlyCache,
                "\(path): the cache may not be written (\(SystemText.of(number))); set HF_HUB_CACHE to a folder that may"
            )
        case EEXIST, EISDIR, ENOTDIR, ELOOP:
            HubError(
                .unusableCache,
                "\(path): cannot \(doing): \(SystemText.of(number)); something else lies in its place, remove that")
        default: HubError(.unusableCache, "\(path): cannot \(doing): \(SystemText.of(number))")
        }
    }
}
