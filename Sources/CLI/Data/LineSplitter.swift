/// Cuts bytes into lines, without their ends: a line feed, or a carriage return and a line feed.
///
/// A byte order mark before the first is left out, and of JSON lines without anything but white space.
struct LineSplitter: RecordSplitter {
    /// True if lines are JSON.
    private let isJSON: Bool
    private var isAtStart = true
    private var buffer: [UInt8] = []
    /// The number of buffered bytes in which no line end was found.
    private var searched = 0
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(isJSON: Bool = false) { self.isJSON = isJSON }

    mutating func take(_ bytes: [UInt8]) throws(DataError) -> [DataRecord] {
        buffer += bytes
        var records: [DataRecord] = []
        var start = 0
        while let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            add(buffer[start..<end], bytes: end + 1 - start, to: &records)
            start = end + 1
            searched = start
        }
        buffer.removeFirst(start)
        searched = buffer.count
        guard buffer.count <= Self.longestRecord else {
            throw DataError("a line has more than \(Self.longestRecord >> 20) MiB; is this a text file?")
        }
        return records
    }

    mutating func finish() throws(DataError) -> [DataRecord] {
        defer { (buffer, searched) = ([], 0) }
        var records: [DataRecord] = []
        // A mark alone is a file without any line.
        let isOnlyMark = isAtStart && buffer == Self.byteOrderMark
        if !buffer.isEmpty, !isOnlyMark { add(buffer[...], bytes: buffer.count, to: &records) }
        return records
    }

    private mutating func add(_ line: ArraySlice<UInt8>, bytes: Int, to records: inout [DataRecord]) {
        var line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        if isAtStart, line.starts(with: Self.byteOrderMark) { line = line.dropFirst(Self.byteOrderMark.count) }
        isAtStart = false
        if isJSON, line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return }
        records.append(DataRecord(fields: [Array(line)], bytes: bytes))
    }
}
