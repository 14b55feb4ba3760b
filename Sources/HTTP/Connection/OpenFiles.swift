#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The descriptors of the process.
enum OpenFiles {
    /// Descriptors that are no connections: of files, logs, and whatever the system's libraries open now and then.
    private static let reserve = 64
    /// Connections that make sense however many descriptors there are.
    private static let mostConnections = 4096

    /// Raises the limit of open files as far as the process may, and returns how many connections it carries.
    static func connections() -> Int {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return reserve }
        var raised = limit
        raised.rlim_cur = min(limit.rlim_max, rlim_t(mostConnections + reserve))
        if raised.rlim_cur > limit.rlim_cur, setrlimit(resource, &raised) == 0 { limit = raised }
        let files = Int(min(limit.rlim_cur, rlim_t(Int32.max)))
        return min(max(files - reserve, files / 4, 1), mostConnections)
    }
}
