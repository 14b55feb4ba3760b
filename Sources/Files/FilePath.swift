#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Paths as the file system reads them. Bytes decide: a slash under a combining mark is a slash.
package enum FilePath {
    /// The last component of the absolute path: of `.` the name of the working directory, of the root the path itself.
    /// Links are not followed.
    package static func name(of path: String) -> String {
        let absolute = path.utf8.first == UInt8(ascii: "/") ? path : "\(workingDirectory)/\(path)"
        var components: [Substring.UTF8View] = []
        for component in absolute.utf8.split(separator: UInt8(ascii: "/")) {
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) { _ = components.popLast() } else { components.append(component) }
        }
        return components.last.map { String(decoding: $0, as: UTF8.self) } ?? path
    }

    /// Empty where the system does not tell.
    private static var workingDirectory: String {
        guard let bytes = getcwd(nil, 0) else { return "" }
        defer { free(bytes) }
        return String(cString: bytes)
    }
}
