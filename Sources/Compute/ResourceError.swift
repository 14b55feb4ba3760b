#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An error that says what the system has not given: memory or a thread.
package struct ResourceError: Error, Sendable, CustomStringConvertible {
    /// A sentence that says what is missing, and the system's reason.
    package let description: String

    init(_ what: String, _ number: Int32) { description = "\(what): \(String(cString: strerror(number)))" }
}
