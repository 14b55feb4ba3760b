import Glibc

/// The lines of libdispatch in the log of the system.
enum DispatchLog {
    /// Has it tell nothing. To be called before any thread is started.
    ///
    /// It prefers some of its threads to others, which only root may do, and has a line there in each process that may
    /// not. Under systemd that line stands in the journal among those of the service.
    static func silence() { setenv("LIBDISPATCH_LOG", "NO", 0) }
}
