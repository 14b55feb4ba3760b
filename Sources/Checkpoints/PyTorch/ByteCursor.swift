/// A place in a part of a file, whose bytes are read one number after the other. Nothing is read beyond the end.
struct ByteCursor {
    /// The bytes of the part.
    let bytes: UnsafeRawBufferPointer
    /// The byte that is read next.
    private(set) var position = 0
    private let file: String
    private let part: String

    /// A cursor at the start of a part.
    ///
    /// - Parameters:
    ///   - file: the path, for errors
    ///   - part: the name of the part, with which the messages of errors begin
    init(_ bytes: UnsafeRawBufferPointer, of file: String, part: String) {
        (self.bytes, self.file, self.part) = (bytes, file, part)
    }

    /// The error of a part that breaks its format.
    func malformed(_ message: String) -> CheckpointError {
        CheckpointError(.malformedFile, file: file, "\(part) \(message)")
    }

    /// Returns true if there is nothing left.
    var isAtEnd: Bool { position == bytes.count }

    /// Takes so many bytes. Returns where they are.
    mutating func take(_ count: Int) throws(CheckpointError) -> Range<Int> {
        guard count >= 0, count <= bytes.count - position else { throw malformed("ends too soon") }
        defer { position += count }
        return position..<position + count
    }

    /// Takes a little-endian number.
    mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>(
        _: Number.Type
    ) throws(CheckpointError) -> Number {
        let range = try take(MemoryLayout<Number>.size)
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: Number.self))
    }

    /// Takes the bytes up to the next newline, and the newline, which does not belong to the result.
    mutating func line() throws(CheckpointError) -> Range<Int> {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { throw malformed("ends too soon") }
        defer { position = end + 1 }
        return position..<end
    }
}
