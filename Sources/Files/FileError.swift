#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An error that says why a file cannot be read.
package struct FileError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: Sendable {
        /// The system does not give the file.
        case unreadable
        /// The file is not what its name says.
        case malformed
        /// The memory for its contents is not there.
        case outOfMemory
    }

    /// The kind of failure.
    package let code: Code
    /// The path of the file.
    package let path: String
    /// A sentence that says what is wrong with it.
    package let message: String

    /// Path and message on one line.
    package var description: String { "\(path): \(message)" }

    init(_ code: Code, _ path: String, _ message: String) {
        (self.code, self.path, self.message) = (code, path, message)
    }

    /// The error that the system gave last, in its own words.
    static func ofSystem(_ path: String, _ what: String) -> FileError {
        let number = errno
        return FileError(
            number == ENOMEM ? .outOfMemory : .unreadable, path, "\(what): \(String(cString: strerror(number)))")
    }
}
