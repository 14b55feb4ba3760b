import PenstockPipelines

/// Expands data in the format DEFLATE (RFC 1951).
package struct Inflate {
    /// A reason why data cannot be expanded.
    package enum Failure: Error {
        /// It is damaged, or ends too early.
        case damaged
        /// It has more bytes than are allowed.
        case tooLarge
    }

    /// Bytes for which room is asked at a time, and after which the scope is.
    private static let step = 64 << 10

    private let limit: Int
    private let takeRoom: (Int) throws -> Void
    private var room = 0
    /// The bytes that were expanded so far.
    package private(set) var output: [UInt8] = []

    /// - Parameters:
    ///   - limit: the bytes that the data may have expanded
    ///   - takeRoom: called before the memory for so many more bytes is taken
    package init(limit: Int, takeRoom: @escaping (Int) throws -> Void) {
        (self.limit, self.takeRoom) = (limit, takeRoom)
    }

    /// Expands a stream and adds it to the output.
    ///
    /// - Parameter scope: asked between blocks and steps of the output: blocks without output can be many
    /// - Returns: the index behind the stream
    /// - Throws: ``Failure``, what `takeRoom` throws, and `PipelineError` when nobody waits any more
    package mutating func expand(_ bytes: ArraySlice<UInt8>, in scope: RequestScope) async throws -> Int {
        var bits = BitReader(bytes)
        let start = output.count
        var pace = scope.pace
        var isLast = false
        while !isLast {
            try await pace.step()
            isLast = try bits.number(1) == 1
            let codes: Codes?
            switch try bits.number(2) {
            case 0:
                try copyStored(&bits)
                continue
            case 1: codes = Self.fixed
            case 2: codes = try Self.codes(&bits)
            default: throw Failure.damaged
            }
            guard let codes else { throw Failure.damaged }
            while try !expandStep(&bits, codes, from: start) { try await pace.step() }
        }
        bits.skipToByte()
        return bits.position
    }

    private mutating func reserve(_ more: Int) throws {
        guard more <= limit - output.count else { throw Failure.tooLarge }
        guard output.count + more > room else { return }
        let step = max(more, min(Self.step, limit - room))
        try takeRoom(step)
        room += step
    }

    private mutating func copyStored(_ bits: inout BitReader) throws {
        bits.skipToByte()
        let (length, complement) = (try bits.number(16), try bits.number(16))
        guard length == complement ^ 0xFFFF, let data = bits.take(bytes: length) else { throw Failure.damaged }
        try reserve(length)
        output += data
    }

    // MARK: Codes

    /// The codes of a block: of bytes and lengths, and of distances.
    private typealias Codes = (symbols: HuffmanCode, distances: HuffmanCode)

    private static let fixed: Codes? = {
        func lengths(_ runs: [(length: UInt8, count: Int)]) -> [UInt8] {
            runs.flatMap { Array(repeating: $0.length, count: $0.count) }
        }
        guard let symbols = HuffmanCode(lengths: lengths([(8, 144), (9, 112), (7, 24), (8, 8)])),
            let distances = HuffmanCode(lengths: lengths([(5, 32)]))
        else { return nil }
        return (symbols, distances)
    }()

    /// In which order the lengths of the code of the lengths stand.
    private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    private static let endOfBlock = 256

    private static func codes(_ bits: inout BitReader) throws -> Codes? {
        let symbolCount = try bits.number(5) + 257
        let distanceCount = try bits.number(5) + 1
        let lengthCount = try bits.number(4) + 4
        guard symbolCount <= 286, distanceCount <= 30 else { throw Failure.damaged }
        var lengthLengths = [UInt8](repeating: 0, count: lengthOrder.count)
        for place in lengthOrder.prefix(lengthCount) { lengthLengths[place] = UInt8(try bits.number(3)) }
        guard let lengthCode = HuffmanCode(lengths: lengthLengths) else { throw Failure.damaged }
        var lengths: [UInt8] = []
        while lengths.count < symbolCount + distanceCount {
            guard let symbol = lengthCode.symbol(of: &bits) else { throw Failure.damaged }
            switch symbol {
            case 16:
                guard let last = lengths.last else { throw Failure.damaged }
                lengths += repeatElement(last, count: try bits.number(2) + 3)
            case 17: lengths += repeatElement(0, count: try bits.number(3) + 3)
            case 18: lengths += repeatElement(0, count: try bits.number(7) + 11)
            default: lengths.append(UInt8(symbol))
            }
        }
        guard lengths.count == symbolCount + distanceCount, lengths[endOfBlock] > 0,
            let symbols = HuffmanCode(lengths: lengths[..<symbolCount]),
            let distances = HuffmanCode(lengths: lengths[symbolCount...])
        else { throw Failure.damaged }
        return (symbols, distances)
    }

    // MARK: Symbols

    /// By the symbol less 257: the least length of a copy, and the bits that follow of what is added to it.
    private static let lengths = ranges(28, stepsPerBit: 4, from: 3) + [(258, 0)]
    /// By the symbol, the same of distances.
    private static let distances = ranges(30, stepsPerBit: 2, from: 1)

    /// Ranges that follow each other: twice as many as steps have no bits, and each number of steps has one more than those
    /// before it.
    private static func ranges(_ count: Int, stepsPerBit steps: Int, from first: Int) -> [(base: Int, bits: Int)] {
        var ranges: [(base: Int, bits: Int)] = []
        var base = first
        for index in 0..<count {
            let bits = max(0, index / steps - 1)
            ranges.append((base, bits))
            base += 1 << bits
        }
        return ranges
    }

    /// Expands some of a block. Returns true at its end.
    private mutating func expandStep(_ bits: inout BitReader, _ codes: Codes, from start: Int) throws -> Bool {
        let end = output.count + Self.step
        while output.count < end {
            guard let symbol = codes.symbols.symbol(of: &bits) else { throw Failure.damaged }
            if symbol < Self.endOfBlock {
                try reserve(1)
                output.append(UInt8(symbol))
                continue
            }
            guard symbol != Self.endOfBlock else { return true }
            guard symbol - 257 < Self.lengths.count else { throw Failure.damaged }
            let length = try bits.number(Self.lengths[symbol - 257])
            guard let place = codes.distances.symbol(of: &bits), place < Self.distances.count else {
                throw Failure.damaged
            }
            let distance = try bits.number(Self.distances[place])
            guard distance <= output.count - start else { throw Failure.damaged }
            try reserve(length)
            // It may overlap what it makes.
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
        return false
    }
}

extension BitReader {
    /// The number that so many bits are.
    fileprivate mutating func number(_ count: Int) throws(Inflate.Failure) -> Int {
        guard let number = take(count) else { throw .damaged }
        return number
    }

    fileprivate mutating func number(_ range: (base: Int, bits: Int)) throws(Inflate.Failure) -> Int {
        range.base + (range.bits == 0 ? 0 : try number(range.bits))
    }
}
