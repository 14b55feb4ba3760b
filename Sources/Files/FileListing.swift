#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lists what is in a directory.
package enum FileListing {
    /// The names in a directory in the order of their bytes, without `.` and `..`.
    package static func names(in path: String) throws(FileError) -> [String] {
        try FileStatus.checkName(path)
        try FileConfinement.check(path)
        guard let stream = opendir(path) else { throw FileError.ofSystem(path, "cannot be listed") }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
    }
}
