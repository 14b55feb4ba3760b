import PenstockFiles

/// A place in a file, from which numbers and strings are read one after the other through a window of its bytes.
struct FileCursor {
    /// The file.
    let input: InputFile
    /// The byte that is read next.
    private(set) var position = 0
    private var window: [UInt8] = []
    private var windowStart = 0

    private static let windowBytes = 1 << 16
    /// The bytes of a file that are read in this way at most.
    private static let mostBytes = 1 << 28
    private static let longestString = 1 << 24

    init(_ input: InputFile) { self.input = input }

    /// The bytes behind the place.
    var remaining: Int { input.size - position }

    /// The error of a file that breaks its format at a byte.
    func malformed(_ message: String, at byte: Int? = nil) -> CheckpointError {
        CheckpointError(.malformedFile, file: input.path, "\(message), at byte \(byte ?? position)")
    }

    /// Reads so many bytes.
    mutating func bytes(_ count: Int) throws(CheckpointError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw malformed("the file ends too soon") }
        guard position + count <= Self.mostBytes else {
            throw malformed("the header is longer than \(Self.mostBytes) bytes")
        }
        let end = windowStart + window.count
        if position < windowStart || position + count > end {
            let length = min(max(count, Self.windowBytes), remaining)
            window = try CheckpointFile.withBytes(of: input, position..<position + length) { Array($0) }
            windowStart = position
        }
        defer { position += count }
        return window[position - windowStart..<position - windowStart + count]
    }

    /// Reads a little-endian number.
    mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>(
        _: Number.Type
    ) throws(CheckpointError) -> Number {
        let bytes = try bytes(MemoryLayout<Number>.size)
        return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    }

    /// Reads a number of 64 bits that counts something, of which there are at most so many.
    mutating func count(atMost limit: Int, of what: String) throws(CheckpointError) -> Int {
        let start = position
        let number = try integer(UInt64.self)
        guard number <= UInt64(limit) else {
            throw malformed("there are \(number) \(what), but there may be at most \(limit)", at: start)
        }
        return Int(number)
    }

    /// Reads a string: the number of its bytes in 64 bits, and UTF-8.
    ///
    /// - Parameter isRepaired: true if U+FFFD stands for what is not UTF-8, which otherwise is an error
    mutating func string(isRepaired: Bool = false) throws(CheckpointError) -> String {
        let start = position
        let length = try count(atMost: min(remaining, Self.longestString), of: "bytes of a string")
        let text = try bytes(length)
        if let string = String(validating: text, as: UTF8.self) { return string }
        guard isRepaired else { throw malformed("a string is not UTF-8", at: start) }
        return String(decoding: text, as: UTF8.self)
    }
}
