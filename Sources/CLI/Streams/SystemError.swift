import Glibc

/// The failure of a system call, in the words of the system.
struct SystemError: Error, CustomStringConvertible {
    let code: Int32

    /// The failure of the last call of this thread.
    static var last: SystemError { SystemError(code: errno) }

    var description: String { String(cString: strerror(code)) }
}
