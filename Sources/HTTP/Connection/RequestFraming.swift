import NIOCore
import NIOHTTP1

/// Finds where heads, chunks and trailers end among the bytes of a connection.
///
/// The decoder gets the bytes in pieces that end there, so that a piece belongs to one request only, and what is known of
/// a piece is known of that request. What a proper request is, the decoder decides.
struct RequestFraming {
    private enum Section {
        case head, chunkSize, trailers
        case data(remaining: Int)
    }

    private struct Line {
        var bytes = 0
        var last: UInt8 = 0

        /// The line consists of nothing but its end.
        var isEmpty: Bool { bytes == 0 || bytes == 1 && last == Self.carriageReturn }

        mutating func append(_ byte: UInt8) {
            bytes += 1
            last = byte
        }

        static let carriageReturn = UInt8(ascii: "\r")
        static let lineFeed = UInt8(ascii: "\n")
    }

    private var section = Section.head
    private var line = Line()
    private var isChunked = false
    private var headIsComplete = true
    private var requestLineIsComplete = false
    private var sizeIsComplete = false

    /// Bytes of the request line of the last head, as far as it is here.
    private(set) var requestLineBytes = 0
    /// The request line of the last head ends with a line feed alone.
    private(set) var requestLineEndsBare = false
    /// Bytes that the last chunk announces, as far as its size is here; whatever is beyond an integer is a large one.
    private(set) var chunkBytes = 0

    /// The next bytes are content, and no head, chunk size or trailer.
    var isInData: Bool { if case .data = section { true } else { false } }

    /// The next bytes belong to no request that was begun.
    var isBetweenRequests: Bool { if case .head = section { headIsComplete } else { false } }

    /// Takes the next piece from `bytes`; nil if there is nothing in them. Empty lines before a head are nothing.
    mutating func piece(of bytes: inout ByteBuffer) -> ByteBuffer? {
        if case .head = section, headIsComplete {
            let blanks = bytes.readableBytesView.prefix { $0 == Line.carriageReturn || $0 == Line.lineFeed }
            bytes.moveReaderIndex(forwardBy: blanks.count)
            guard bytes.readableBytes > 0 else { return nil }
            beginHead()
        }
        guard bytes.readableBytes > 0 else { return nil }
        guard case .data(let remaining) = section else { return bytes.readSlice(length: scan(bytes.readableBytesView)) }
        let count = min(remaining, bytes.readableBytes)
        if count < remaining {
            section = .data(remaining: remaining - count)
        } else if isChunked {
            beginChunk()
        } else {
            section = .head
        }
        return bytes.readSlice(length: count)
    }

    /// Takes note that the decoder has read a head, which a body follows if it says so.
    mutating func beginBody(of head: HTTPRequestHead) {
        headIsComplete = true
        line = Line()
        let length = head.announcedBodyBytes
        isChunked = length == nil
        if isChunked {
            beginChunk()
        } else if let length, length > 0 {
            section = .data(remaining: length)
        } else {
            section = .head
        }
    }

    /// Takes note that the decoder has read the last of a body.
    mutating func endBody() { section = .head }

    private mutating func beginHead() {
        line = Line()
        headIsComplete = false
        requestLineIsComplete = false
        requestLineBytes = 0
        requestLineEndsBare = false
        chunkBytes = 0
    }

    private mutating func beginChunk() {
        section = .chunkSize
        line = Line()
        chunkBytes = 0
        sizeIsComplete = false
    }

    /// Reads up to the end of the section, or of what is here of it, and returns how many bytes these are.
    private mutating func scan(_ bytes: ByteBufferView) -> Int {
        var count = 0
        for byte in bytes {
            count += 1
            guard byte == Line.lineFeed else {
                line.append(byte)
                readInLine(byte)
                continue
            }
            if endLine() { return count }
        }
        return count
    }

    private mutating func readInLine(_ byte: UInt8) {
        switch section {
        case .head where !requestLineIsComplete: requestLineBytes += 1
        case .chunkSize where !sizeIsComplete:
            if let digit = Character(Unicode.Scalar(byte)).hexDigitValue {
                chunkBytes = min(chunkBytes, Int.max >> 6) << 4 | digit
            } else {
                sizeIsComplete = true
            }
        default: break
        }
    }

    /// Ends a line, and returns true if the section ends with it.
    private mutating func endLine() -> Bool {
        let ended = line
        line = Line()
        switch section {
        case .head:
            if !requestLineIsComplete {
                requestLineIsComplete = true
                requestLineEndsBare = ended.last != Line.carriageReturn
            }
            headIsComplete = ended.isEmpty
            return headIsComplete
        case .chunkSize:
            // Behind the content there is an end of line of its own.
            section = chunkBytes == 0 ? .trailers : .data(remaining: chunkBytes + 2)
            return true
        case .trailers:
            if ended.isEmpty { section = .head }
            return ended.isEmpty
        case .data: return true
        }
    }
}
