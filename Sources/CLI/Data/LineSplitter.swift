/// Cuts bytes into lines, without their ends: a line feed, or a carriage return and a line feed.
struct LineSplitter: RecordSplitter {
    private var buffer: [UInt8] = []
    /// The number of buffered bytes in which no line end was found.
    private var searched = 0

    mutating func take(_ bytes: [UInt8]) throws(DataError) -> [DataRecord] {
        buffer += bytes
        var records: [DataRecord] = []
        var start = 0
        while let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            records.append(Self.record(buffer[start..<end], bytes: end + 1 - start))
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
        return buffer.isEmpty ? [] : [Self.record(buffer[...], bytes: buffer.count)]
    }

    private static func record(_ line: ArraySlice<UInt8>, bytes: Int) -> DataRecord {
        DataRecord(fields: [Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)], bytes: bytes)
    }
}
