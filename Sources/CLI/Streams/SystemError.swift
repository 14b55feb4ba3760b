import Glibc

/// What a system call says of its failure.
struct SystemError: Error, CustomStringConvertible {
    let code: Int32

    /// The failure of the last call of this thread.
    static var last: SystemError { SystemError(code: errno) }

    var description: String { String(cString: strerror(code)) }
}
