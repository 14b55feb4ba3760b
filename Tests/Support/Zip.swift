/// Zip files, made in memory: correct ones, and wrong ones.
package enum Zip {
    /// An entry, and what the file says of it.
    package struct Entry {
        package var name: String
        package var bytes: [UInt8]
        /// Compression; 0 is none.
        package var method: UInt16 = 0
        package var flags: UInt16 = 0
        /// The size that the directory has; nil for the true one.
        package var size: UInt32?
        /// The size that the directory has of the compressed entry; nil for the true one.
        package var packedSize: UInt32?
        /// Where the directory has it; nil for where it is.
        package var offset: UInt32?
        /// The name in front of the bytes; nil for the same.
        package var headerName: String?
        /// Bytes between that name and the entry's own.
        package var padding = 0

        /// An entry that is stored as it is.
        package init(_ name: String, _ bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }

        /// The entry with a change.
        package func with<Value>(_ key: WritableKeyPath<Entry, Value>, _ value: Value) -> Entry {
            var copy = self
            copy[keyPath: key] = value
            return copy
        }
    }

    /// A file of these entries.
    ///
    /// - Parameters:
    ///   - isWide: whether all numbers of the directory and its end are of 64 bits
    ///   - count, offset: what the end says of the directory; nil for the truth
    package static func file(
        _ entries: [Entry], comment: String = "", isWide: Bool = false, count: Int? = nil, offset: Int? = nil
    ) -> [UInt8] {
        var (bytes, directory) = ([UInt8](), [UInt8]())
        for entry in entries {
            let start = bytes.count
            let name = Array((entry.headerName ?? entry.name).utf8)
            bytes += number(0x0403_4B50, 4) + number(0, 22) + number(name.count, 2) + number(entry.padding, 2)
            bytes += name + number(0, entry.padding) + entry.bytes
            directory += header(entry, at: start, isWide: isWide)
        }
        let start = offset ?? bytes.count
        bytes += directory
        let (entryCount, comment) = (count ?? entries.count, Array(comment.utf8))
        if isWide {
            let wideStart = bytes.count
            bytes += number(0x0606_4B50, 4) + number(44, 8) + number(0, 20) + number(entryCount, 8)
            bytes += number(directory.count, 8) + number(start, 8)
            bytes += number(0x0706_4B50, 4) + number(0, 4) + number(wideStart, 8) + number(1, 4)
        }
        bytes += number(0x0605_4B50, 4) + number(0, 6) + number(isWide ? 0xFFFF : entryCount, 2)
        bytes += number(isWide ? 0xFFFF_FFFF : directory.count, 4) + number(isWide ? 0xFFFF_FFFF : start, 4)
        return bytes + number(comment.count, 2) + comment
    }

    private static func header(_ entry: Entry, at start: Int, isWide: Bool) -> [UInt8] {
        let size = Int(entry.size ?? UInt32(entry.bytes.count))
        let packed = Int(entry.packedSize ?? UInt32(entry.bytes.count))
        let place = Int(entry.offset ?? UInt32(start))
        let extra = isWide ? number(1, 2) + number(24, 2) + number(size, 8) + number(packed, 8) + number(place, 8) : []
        let name = Array(entry.name.utf8)
        func narrow(_ value: Int) -> [UInt8] { number(isWide ? 0xFFFF_FFFF : value, 4) }
        return number(0x0201_4B50, 4) + number(0, 4) + number(Int(entry.flags), 2) + number(Int(entry.method), 2)
            + number(0, 8) + narrow(packed) + narrow(size) + number(name.count, 2) + number(extra.count, 2)
            + number(0, 10) + narrow(place) + name + extra
    }

    /// The number in so many bytes, little-endian.
    private static func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
    }
}
