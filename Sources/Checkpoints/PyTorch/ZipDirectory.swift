import PenstockFiles
import PenstockJSON

/// The entries of a zip file that stores them as they are.
///
/// Formats as in the APPNOTE of PKWARE, 6.3.10: sections 4.3.7 (local headers), 4.3.12 to 4.3.16 (the directory and its
/// end) and 4.5.3 (sizes of 64 bits). Entries that are compressed or encrypted are refused when they are asked for.
struct ZipDirectory: Sendable {
    /// Where an entry is, as the directory says it.
    private struct Entry: Sendable {
        let header: Int
        let size: Int
        let isStored: Bool
    }

    private let file: InputFile
    /// By the bytes of their names.
    private let entries: [[UInt8]: Entry]
    /// The first entry's name.
    let firstName: [UInt8]
    /// The byte at which the directory begins: all entries lie before it.
    private let start: Int

    /// Bytes of the longest directory: some 180,000 entries.
    private static let largestDirectory = 16 << 20

    /// Reads the directory.
    init(of file: InputFile) throws(CheckpointError) {
        let end = try ZipEnd(of: file)
        guard end.directory.count <= Self.largestDirectory else {
            throw end.malformed(
                "would have \(end.directory.count) bytes; more than \(Self.largestDirectory) are not allowed")
        }
        var entries: [[UInt8]: Entry] = [:]
        var firstName: [UInt8]?
        var total = 0
        try CheckpointFile.withBytes(of: file, end.directory) { (bytes) throws(CheckpointError) in
            var cursor = ByteCursor(bytes, of: file.path, part: ZipEnd.part)
            while !cursor.isAtEnd {
                let (name, entry) = try Self.entry(&cursor)
                guard entry.size <= file.size - total else { throw cursor.malformed("has more bytes than the file") }
                total += entry.size
                guard entries.updateValue(entry, forKey: name) == nil else {
                    throw cursor.malformed("has the entry \(Self.quoted(name)) twice")
                }
                firstName = firstName ?? name
            }
            guard entries.count == end.entries else {
                throw cursor.malformed("has \(entries.count) entries, but its end says \(end.entries)")
            }
        }
        (self.file, self.entries, start) = (file, entries, end.directory.lowerBound)
        self.firstName = firstName ?? []
    }

    /// The bytes of the file that an entry is; nil if there is none.
    func range(of name: [UInt8]) throws(CheckpointError) -> Range<Int>? {
        guard let entry = entries[name] else { return nil }
        let part = "the entry \(Self.quoted(name))"
        func malformed(_ message: String) -> CheckpointError {
            CheckpointError(.malformedFile, file: file.path, "\(part) \(message)")
        }
        guard entry.isStored else {
            throw malformed(
                "is compressed or encrypted, but PyTorch stores all as they are; load the file with `torch.load`, and "
                    + "save it again with `torch.save`")
        }
        let fixed = 30
        guard entry.header <= start - fixed - name.count else { throw malformed("lies outside of the file") }
        let header = entry.header..<entry.header + fixed + name.count
        let extra = try CheckpointFile.withBytes(of: file, header) { (bytes) throws(CheckpointError) in
            var cursor = ByteCursor(bytes, of: file.path, part: part)
            guard try cursor.integer(UInt32.self) == 0x0403_4B50 else { throw malformed("has no header") }
            _ = try cursor.take(22)
            let (nameCount, extra) = (try cursor.integer(UInt16.self), try cursor.integer(UInt16.self))
            guard Int(nameCount) == name.count, bytes[cursor.position...].elementsEqual(name) else {
                throw malformed("has another name in its header")
            }
            return Int(extra)
        }
        let first = header.upperBound + extra
        guard first <= start, entry.size <= start - first else { throw malformed("lies outside of the file") }
        return first..<first + entry.size
    }

    /// The name as messages show it.
    private static func quoted(_ name: some Sequence<UInt8>) -> String {
        JSONValue.string(String(decoding: Array(name), as: UTF8.self)).excerpt
    }

    private static func entry(_ cursor: inout ByteCursor) throws(CheckpointError) -> (name: [UInt8], Entry) {
        guard try cursor.integer(UInt32.self) == 0x0201_4B50 else {
            throw cursor.malformed("has an entry that is none")
        }
        _ = try cursor.take(4)
        let (flags, method) = (try cursor.integer(UInt16.self), try cursor.integer(UInt16.self))
        _ = try cursor.take(8)
        var packed = UInt64(try cursor.integer(UInt32.self))
        var size = UInt64(try cursor.integer(UInt32.self))
        let (nameCount, extraCount) = (try cursor.integer(UInt16.self), try cursor.integer(UInt16.self))
        let commentCount = try cursor.integer(UInt16.self)
        _ = try cursor.take(8)
        var header = UInt64(try cursor.integer(UInt32.self))
        let name = Array(cursor.bytes[try cursor.take(Int(nameCount))])
        let extraEnd = cursor.position + Int(extraCount)
        while cursor.position < extraEnd {
            let (id, count) = (try cursor.integer(UInt16.self), Int(try cursor.integer(UInt16.self)))
            let end = cursor.position + count
            if id == 1 {
                // Those numbers are here that do not fit 32 bits.
                if size == UInt32.max { size = try cursor.integer(UInt64.self) }
                if packed == UInt32.max { packed = try cursor.integer(UInt64.self) }
                if header == UInt32.max { header = try cursor.integer(UInt64.self) }
            }
            _ = try cursor.take(end - cursor.position)
        }
        guard cursor.position == extraEnd else { throw cursor.malformed("has a damaged entry \(quoted(name))") }
        _ = try cursor.take(Int(commentCount))
        let isStored = flags & 1 == 0 && method == 0
        guard packed == size || !isStored, let size = Int(exactly: isStored ? size : packed),
            let header = Int(exactly: header)
        else { throw cursor.malformed("has the wrong size for the entry \(quoted(name))") }
        return (name, Entry(header: header, size: size, isStored: isStored))
    }
}
