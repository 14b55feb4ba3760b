import Glibc

/// The lines of a file descriptor, without their ends: a line feed, or a carriage return and a line feed.
struct LineReader {
    private let descriptor: Descriptor
    private var buffer: [UInt8] = []
    /// The number of buffered bytes in which no line end was found.
    private var searched = 0
    private var isAtEnd = false

    private static let chunk = 1 << 16

    init(_ descriptor: Descriptor) { self.descriptor = descriptor }

    /// The next lines, as many as there are, once there is one; none behind the last.
    mutating func next() throws(SystemError) -> [[UInt8]] {
        while !isAtEnd {
            let chunk = try Self.chunk(of: descriptor)
            isAtEnd = chunk.isEmpty
            buffer += chunk
            let lines = takeLines()
            if !lines.isEmpty { return lines }
        }
        return []
    }

    /// Takes the lines that are complete; at the end also the last, which may lack its line feed.
    private mutating func takeLines() -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        while let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(Self.line(buffer[start..<end]))
            start = end + 1
            searched = start
        }
        if isAtEnd, start < buffer.count {
            lines.append(Self.line(buffer[start...]))
            start = buffer.count
        }
        buffer.removeFirst(start)
        searched = buffer.count
        return lines
    }

    private static func line(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array(bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes)
    }

    private static func chunk(of descriptor: Descriptor) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
            do throws(SystemError) {
                count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
