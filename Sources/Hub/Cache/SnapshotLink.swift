#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Puts a blob into a snapshot: by a relative link, or where there are none by the file itself (`_create_symlink` in
/// huggingface_hub).
enum SnapshotLink {
    /// - Parameters:
    ///   - size: bytes of the blob
    ///   - isNew: whether no other snapshot has the blob yet, so that it can be moved where links are not possible
    ///   - usesLinks: whether links are wanted
    static func create(
        _ path: RepositoryPath, at commit: Commit, to etag: String, size: Int, in cache: RepositoryCache,
        isNew: Bool, usesLinks: Bool
    ) throws(HubError) {
        let (pointer, blob) = (cache.pointer(path, at: commit), cache.blob(etag))
        if let status = CacheIO.status(pointer), status.isFile, status.size == size { return }
        if let parent = CacheIO.parent(of: pointer) { try CacheIO.createFolder(parent) }
        // A link that leads nowhere is in the way, and so is a file that was cut.
        try CacheIO.remove(pointer)
        if usesLinks {
            // From the folder of the file up to that of the repository: its own folders, the commit's, `snapshots`.
            let up = String(repeating: "../", count: path.parts.count + 1)
            if symlink("\(up)blobs/\(etag)", pointer) == 0 { return }
            switch errno {
            case EEXIST where CacheIO.exists(pointer): return
            case EPERM, EOPNOTSUPP, ENOSYS, EINVAL: break
            default: throw HubError.system(errno, pointer, "make the link")
            }
        }
        if isNew {
            try CacheIO.rename(blob, to: pointer)
        } else {
            try copy(blob, to: pointer)
        }
    }

    private static func copy(_ blob: String, to pointer: String) throws(HubError) {
        let source = open(blob, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw HubError.system(errno, blob, "read") }
        defer { close(source) }
        let temporary = CacheIO.temporary(pointer)
        let target = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard target >= 0 else { throw HubError.system(errno, pointer, "write") }
        do throws(HubError) {
            defer { close(target) }
            try copy(from: source, to: target, blob, pointer)
        } catch {
            unlink(temporary)
            throw error
        }
        try CacheIO.rename(temporary, to: pointer)
    }

    private static func copy(
        from source: Int32, to target: Int32, _ blob: String, _ pointer: String
    ) throws(HubError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(source, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw HubError.system(errno, blob, "read") }
            guard count > 0 else { return }
            try buffer.withUnsafeBufferPointer { bytes throws(HubError) in
                try CacheIO.writeAll(UnsafeRawBufferPointer(bytes.extracting(..<count)), to: target, pointer)
            }
        }
    }
}
