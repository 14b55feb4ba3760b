#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// System calls on the files of a cache, whose failures are said to users.
enum CacheIO {
    /// The status of a path. A link that leads nowhere counts as nothing.
    struct Status: Sendable {
        let isFolder: Bool
        let isLink: Bool
        let isFile: Bool
        let size: Int
        /// Seconds since 1970.
        let lastUse: Int
        let lastChange: Int

        fileprivate init(_ status: stat) {
            let kind = status.st_mode & S_IFMT
            (isFolder, isLink, isFile) = (kind == S_IFDIR, kind == S_IFLNK, kind == S_IFREG)
            size = Int(status.st_size)
            #if canImport(Darwin)
                (lastUse, lastChange) = (status.st_atimespec.tv_sec, status.st_mtimespec.tv_sec)
            #else
                (lastUse, lastChange) = (status.st_atim.tv_sec, status.st_mtim.tv_sec)
            #endif
        }
    }

    /// - Parameter followingLinks: whether a link is what it leads to
    static func status(_ path: String, followingLinks: Bool = true) -> Status? {
        guard !path.utf8.contains(0) else { return nil }
        var found = stat()
        let result = followingLinks ? stat(path, &found) : lstat(path, &found)
        return result == 0 ? Status(found) : nil
    }

    static func exists(_ path: String) -> Bool { status(path) != nil }

    /// Makes a folder and those that it lies in.
    static func createFolder(_ path: String) throws(HubError) {
        if status(path)?.isFolder ?? false { return }
        if let parent = parent(of: path), parent != path { try createFolder(parent) }
        if mkdir(path, 0o777) == 0 { return }
        let number = errno
        guard number == EEXIST, status(path)?.isFolder ?? false else {
            throw HubError.system(number, path, "make the folder")
        }
    }

    /// Their sum; the largest number if that is larger. Files with holes can say that they have any number of bytes.
    static func sum(_ bytes: some Sequence<Int>) -> Int {
        bytes.reduce(0) { sum, bytes in
            let (result, overflow) = sum.addingReportingOverflow(bytes)
            return overflow ? .max : result
        }
    }

    /// Returns the part of a path before the last slash; nil at the top.
    static func parent(of path: String) -> String? {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path == "." ? nil : "." }
        return slash == path.startIndex ? (path == "/" ? nil : "/") : String(path[..<slash])
    }

    /// The bytes of a file; nil if it cannot be read or has more than the limit.
    static func read(_ path: String, atMost limit: Int) -> [UInt8]? {
        guard let status = status(path), status.isFile, status.size <= limit else { return nil }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
            let count = buffer.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return nil
            }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
        return nil
    }

    /// The text of a small file.
    static func text(_ path: String, atMost limit: Int = 4096) -> String? {
        read(path, atMost: limit).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Writes a file that others see with all its bytes or not at all.
    static func write(_ bytes: [UInt8], to path: String) throws(HubError) {
        let temporary = temporary(path)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw HubError.system(errno, path, "write") }
        do throws(HubError) {
            try write(bytes, andClose: descriptor, path)
            try rename(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func write(
        _ bytes: [UInt8], andClose descriptor: Int32, _ path: String
    ) throws(HubError) {
        defer { close(descriptor) }
        try bytes.withUnsafeBufferPointer { bytes throws(HubError) in
            try writeAll(UnsafeRawBufferPointer(bytes), to: descriptor, path)
        }
    }

    /// Writes all bytes behind those that were written.
    static func writeAll(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String
    ) throws(HubError) {
        var written = 0
        while written < bytes.count {
            let count = systemWrite(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            if count < 0 {
                if errno == EINTR { continue }
                throw HubError.system(errno, path, "write")
            }
            written += count
        }
    }

    static func rename(_ path: String, to other: String) throws(HubError) {
        guard systemRename(path, other) == 0 else { throw HubError.system(errno, other, "put the file in its place") }
    }

    /// Removes a file or a link; what is not there is removed already.
    static func remove(_ path: String) throws(HubError) {
        guard unlink(path) != 0, errno != ENOENT else { return }
        throw HubError.system(errno, path, "remove")
    }

    /// The names in a folder, in their order; none if it cannot be read.
    static func entries(of folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// - Throws: ``HubError`` if a cache is there whose names cannot be read
    static func checkCache(_ root: String) throws(HubError) {
        guard let stream = opendir(root) else {
            let number = errno
            // It is made by the first download.
            guard number != ENOENT else { return }
            let fault = number == ENOTDIR ? "is no folder" : "cannot be read: \(SystemText.of(number))"
            throw HubError(.unusableCache, "\(root): the cache \(fault); set HF_HUB_CACHE to one that can be read")
        }
        closedir(stream)
    }

    /// Returns the path that a link leads to, as it is written in the link.
    static func target(ofLink path: String) -> String? {
        let capacity = 4096
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = buffer.withMemoryRebound(to: CChar.self) { buffer in
                buffer.baseAddress.map { max(0, readlink(path, $0, capacity)) } ?? 0
            }
        }
        return bytes.isEmpty || bytes.count == capacity ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// The name of what is written before it gets its own.
    static func temporary(_ path: String) -> String { "\(path).\(suffix()).tmp" }

    /// Tells whether a name is one of those, which stay if a process is killed.
    static func isTemporary(_ name: String) -> Bool {
        let parts = name.utf8.suffix(".01234567.tmp".utf8.count)
        return parts.first == UInt8(ascii: ".") && parts.suffix(4).elementsEqual(".tmp".utf8)
            && Hexadecimal.isLower(String(decoding: parts.dropFirst().dropLast(4), as: UTF8.self), count: 8)
    }

    /// Eight digits of chance, for names that nobody else has.
    static func suffix() -> String {
        Hexadecimal.text((0..<4).map { _ in UInt8.random(in: 0...255) })
    }
}

// Under other names, since the type has functions of the same.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}

private func systemRename(_ path: String, _ other: String) -> Int32 { rename(path, other) }
