import PenstockFiles

/// The end of a zip file, which says where its directory is.
struct ZipEnd {
    /// The bytes of the file that the directory is.
    let directory: Range<Int>
    /// How many entries it has.
    let entries: Int
    private let file: String

    /// What messages call the directory.
    static let part = "the directory of the zip file"
    /// Bytes of the record at the end without its comment, and of the one before it in files with sizes of 64 bits.
    private static let (recordSize, locatorSize, wideRecordSize) = (22, 20, 56)
    private static let longestComment = Int(UInt16.max)

    init(of file: InputFile) throws(CheckpointError) {
        self.file = file.path
        let tailStart = max(0, file.size - Self.recordSize - Self.longestComment - Self.locatorSize)
        let tail = tailStart..<file.size
        let found = try CheckpointFile.withBytes(of: file, tail) { (bytes) throws(CheckpointError) in
            try Self.record(bytes, tailStart, file.path)
        }
        let (end, start) =
            try found.locator.map { (place) throws(CheckpointError) in
                try Self.wideRecord(of: file, at: place, before: found.start)
            } ?? (found.end, found.start)
        guard let count = Int(exactly: end.size), let first = Int(exactly: end.offset),
            let entries = Int(exactly: end.entries),
            first <= start, count == start - first
        else { throw Self.malformed(file.path, "is not where the end says") }
        (directory, self.entries) = (first..<start, entries)
    }

    /// The error of a directory that breaks its format.
    func malformed(_ message: String) -> CheckpointError { Self.malformed(file, message) }

    private static func malformed(_ file: String, _ message: String) -> CheckpointError {
        CheckpointError(.malformedFile, file: file, "\(part) \(message)")
    }

    /// What a record says, not yet believed.
    private struct Numbers {
        let entries: UInt64
        let size: UInt64
        let offset: UInt64
    }

    /// Finds the record, which ends with the file, from the end on.
    ///
    /// - Returns: what it says, where it starts, and where its relative for 64 bits is, if there is one.
    private static func record(
        _ bytes: UnsafeRawBufferPointer, _ tailStart: Int, _ file: String
    ) throws(CheckpointError) -> (end: Numbers, start: Int, locator: UInt64?) {
        for place in stride(from: bytes.count - recordSize, through: 0, by: -1) {
            var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[place...]), of: file, part: part)
            guard try cursor.integer(UInt32.self) == 0x0605_4B50 else { continue }
            _ = try cursor.take(6)
            let entries = try cursor.integer(UInt16.self)
            let (size, offset) = (try cursor.integer(UInt32.self), try cursor.integer(UInt32.self))
            guard Int(try cursor.integer(UInt16.self)) == bytes.count - place - recordSize else { continue }
            var locator: UInt64?
            if place >= locatorSize {
                let before = UnsafeRawBufferPointer(rebasing: bytes[(place - locatorSize)...])
                var cursor = ByteCursor(before, of: file, part: part)
                if try cursor.integer(UInt32.self) == 0x0706_4B50 {
                    _ = try cursor.take(4)
                    locator = try cursor.integer(UInt64.self)
                }
            }
            return (
                Numbers(entries: UInt64(entries), size: UInt64(size), offset: UInt64(offset)), tailStart + place,
                locator
            )
        }
        throw malformed(file, "is missing: the file is truncated, or no zip file")
    }

    private static func wideRecord(
        of file: InputFile, at place: UInt64, before end: Int
    ) throws(CheckpointError) -> (Numbers, start: Int) {
        guard let start = Int(exactly: place), start <= end - locatorSize - wideRecordSize else {
            throw malformed(file.path, "is not where the end says")
        }
        return try CheckpointFile.withBytes(of: file, start..<start + wideRecordSize) {
            (bytes) throws(CheckpointError) in
            var cursor = ByteCursor(bytes, of: file.path, part: part)
            guard try cursor.integer(UInt32.self) == 0x0606_4B50 else {
                throw malformed(file.path, "is not where the end says")
            }
            _ = try cursor.take(28)
            let numbers = Numbers(
                entries: try cursor.integer(UInt64.self), size: try cursor.integer(UInt64.self),
                offset: try cursor.integer(UInt64.self))
            return (numbers, start)
        }
    }
}
