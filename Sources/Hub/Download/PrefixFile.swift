import NIOCore

/// A file that is written from its start on while its parts come in any order: what comes early waits in memory.
actor PrefixFile {
    private var file: PartialFile
    /// Pieces by their offsets, all behind the bytes that are written.
    private var parked: [Int: ByteBuffer] = [:]

    init(path: String, etag: String, size: Int) throws(HubError) {
        file = try PartialFile.opened(path: path, etag: etag, size: size)
    }

    /// Bytes that are written.
    var count: Int { file.count }

    /// True if the bytes, when all are there, are those of the blob's name.
    var isRight: Bool { file.isRight }

    /// Takes a piece.
    func add(_ piece: ByteBuffer, at offset: Int) throws(HubError) {
        guard offset == file.count else {
            parked[offset] = piece
            return
        }
        try append(piece)
        while let next = parked.removeValue(forKey: file.count) { try append(next) }
    }

    /// Forgets all bytes.
    func restart() throws(HubError) {
        parked = [:]
        try file.restart()
    }

    /// Makes it the blob.
    func finish(as blob: String) throws(HubError) { try file.finish(as: blob) }

    private func append(_ piece: ByteBuffer) throws(HubError) {
        try piece.withUnsafeReadableBytes { bytes throws(HubError) in try file.append(bytes) }
    }
}
