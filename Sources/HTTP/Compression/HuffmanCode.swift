/// A canonical prefix code of DEFLATE (RFC 1951, 3.2.2).
struct HuffmanCode {
    /// Bits of the longest code.
    static let longest = 15
    /// Bits that are looked up at once; longer codes are read on bit by bit.
    private static let tableBits = 10

    /// By the next bits of the stream: a symbol and, in the lowest four bits, the length of its code; 0 where the code is
    /// longer than the table's bits, or none.
    private var table = [UInt16](repeating: 0, count: 1 << tableBits)
    /// The number of codes of each length.
    private var counts = [Int](repeating: 0, count: longest + 1)
    /// The symbols in the order of their codes.
    private var symbols: [UInt16] = []

    /// Nil for lengths that no prefix code has. A code with codes to spare is one only if it has a single symbol, or none.
    ///
    /// - Parameter lengths: the bits of each symbol's code, at most ``longest``; 0 for a symbol that does not occur
    init?(lengths: some Collection<UInt8>) {
        for length in lengths { counts[Int(length)] += 1 }
        let used = lengths.count - counts[0]
        counts[0] = 0
        var spare = 1
        for count in counts.dropFirst() {
            spare = spare * 2 - count
            guard spare >= 0 else { return nil }
        }
        guard spare == 0 || used <= 1 else { return nil }
        var nextSymbol = [Int](repeating: 0, count: Self.longest + 2)
        var nextCode = [Int](repeating: 0, count: Self.longest + 2)
        for length in 1...Self.longest {
            nextSymbol[length + 1] = nextSymbol[length] + counts[length]
            nextCode[length + 1] = (nextCode[length] + counts[length]) * 2
        }
        symbols = [UInt16](repeating: 0, count: used)
        for (symbol, length) in lengths.enumerated() where length > 0 {
            let length = Int(length)
            symbols[nextSymbol[length]] = UInt16(symbol)
            enter(UInt16(symbol), code: nextCode[length], length: length)
            nextSymbol[length] += 1
            nextCode[length] += 1
        }
    }

    private mutating func enter(_ symbol: UInt16, code: Int, length: Int) {
        guard length <= Self.tableBits else { return }
        // The stream has the highest bit of a code first, at its lowest place.
        var reversed = 0
        for bit in 0..<length where code >> bit & 1 == 1 { reversed |= 1 << (length - 1 - bit) }
        for index in stride(from: reversed, to: table.count, by: 1 << length) {
            table[index] = symbol << 4 | UInt16(length)
        }
    }

    /// The next symbol of a stream; nil for bits that are no code, and at the stream's end.
    func symbol(of bits: inout BitReader) -> Int? {
        let entry = table[bits.peek(Self.tableBits)]
        if entry > 0 { return bits.skip(Int(entry & 15)) ? Int(entry >> 4) : nil }
        var (code, first, index) = (0, 0, 0)
        for length in 1...Self.longest {
            guard let bit = bits.take(1) else { return nil }
            code |= bit
            let count = counts[length]
            if code - first < count { return Int(symbols[index + code - first]) }
            index += count
            first = (first + count) * 2
            code *= 2
        }
        return nil
    }
}

/// Reads bytes bit by bit, the lowest bit of each byte first.
struct BitReader {
    private let bytes: ArraySlice<UInt8>
    /// The next byte that is not among the bits.
    private var next: Int
    private var bits: UInt64 = 0
    private var count = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        next = bytes.startIndex
    }

    private mutating func fill() {
        while count <= 56, next < bytes.endIndex {
            bits |= UInt64(bytes[next]) << UInt64(count)
            next += 1
            count += 8
        }
    }

    /// The next bits, at most 32, with zeros behind the end.
    mutating func peek(_ wanted: Int) -> Int {
        if count < wanted { fill() }
        return Int(bits & (1 << UInt64(wanted) - 1))
    }

    /// Returns false if there are not so many.
    mutating func skip(_ wanted: Int) -> Bool {
        guard count >= wanted else { return false }
        bits >>= UInt64(wanted)
        count -= wanted
        return true
    }

    /// The next bits, at most 32; nil if there are not so many.
    mutating func take(_ wanted: Int) -> Int? {
        let value = peek(wanted)
        return skip(wanted) ? value : nil
    }

    /// Leaves out the rest of a byte that was begun.
    mutating func skipToByte() { _ = skip(count % 8) }

    /// The next whole bytes, from a byte's beginning; nil if there are not so many.
    mutating func take(bytes wanted: Int) -> ArraySlice<UInt8>? {
        let start = position
        guard bytes.endIndex - start >= wanted else { return nil }
        (bits, count, next) = (0, 0, start + wanted)
        return bytes[start..<next]
    }

    /// The index of the byte that is next, at a byte's beginning.
    var position: Int { next - count / 8 }
}
