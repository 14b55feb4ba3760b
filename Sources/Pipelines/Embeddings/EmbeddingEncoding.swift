/// A form in which embeddings are given: the precision of their numbers, and how they are written in text.
public struct EmbeddingEncoding: Sendable {
    /// The precision in which numbers are stored.
    public var precision = EmbeddingPrecision.float32
    /// The ranges that the bytes of `int8` and `uint8` stand for; both need them, and nothing else takes them.
    public var ranges: EmbeddingRanges?
    /// The format in which numbers are written in text.
    public var format = EmbeddingFormat.float

    /// Single precision, as numbers.
    public init() {}
}

extension EmbeddingEncoding {
    /// Checks that embeddings of so many dimensions can be given like this.
    ///
    /// Without ranges, upstream takes those of the texts of a call, so that the bytes of a text depend on its company and
    /// those of two calls cannot be compared. Here they are an error instead.
    func check(width: Int) throws(PipelineError) {
        guard precision.needsRanges else {
            guard ranges == nil else {
                throw PipelineError(.invalidParameter, "parameter ranges is for the precisions int8 and uint8; drop it")
            }
            return
        }
        guard let ranges else {
            throw PipelineError(
                .invalidParameter,
                "parameter precision: \(precision.rawValue) needs the parameter ranges, the least and the greatest number "
                    + "of each dimension over many embeddings; or ask for binary, which needs none")
        }
        guard ranges.fit(width: width) else {
            throw PipelineError(
                .invalidParameter,
                "parameter ranges has numbers for \(ranges.least.count) dimensions, but embeddings have \(width)")
        }
    }

    /// True if embeddings are given as they are computed, as numbers.
    var isPlain: Bool { precision == .float32 && ranges == nil && format == .float }

    /// Stores an embedding whose dimensions were checked.
    ///
    /// - Throws: ``PipelineError`` for a number that half precision cannot hold.
    func encode(_ vector: [Float]) throws(PipelineError) -> EmbeddingVector {
        switch precision {
        case .float32: return .float32(vector)
        case .float16: return .float16(try Self.halves(vector))
        case .int8: return .int8(places(of: vector).map { Int8(truncatingIfNeeded: Int($0) - 128) })
        case .uint8: return .uint8(places(of: vector))
        case .binary: return .int8(Self.bits(of: vector).map { Int8(truncatingIfNeeded: Int($0) - 128) })
        case .ubinary: return .uint8(Self.bits(of: vector))
        }
    }

    /// The most bytes that an embedding of so many dimensions takes, stored and written.
    func answerBytes(width: Int) -> Int {
        precision.count(ofDimensions: width) * precision.bytesPerNumber + format.bytes(ofDimensions: width, precision)
    }

    private func places(of vector: [Float]) -> [UInt8] {
        guard let ranges else { preconditionFailure("checked by check(width:)") }
        return ranges.places(of: vector)
    }

    private static func halves(_ vector: [Float]) throws(PipelineError) -> [UInt16] {
        var halves: [UInt16] = []
        halves.reserveCapacity(vector.count)
        for number in vector {
            guard let bits = HalfPrecision.bits(nearestTo: number) else {
                throw PipelineError(
                    .invalidParameter,
                    "parameter precision: the embedding has a number that float16 cannot hold; ask for float32, or for "
                        + "normalize")
            }
            halves.append(bits)
        }
        return halves
    }

    /// A bit for each number, the first of a byte the highest (`numpy.packbits`).
    private static func bits(of vector: [Float]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: EmbeddingPrecision.ubinary.count(ofDimensions: vector.count))
        for (index, number) in vector.enumerated() where number > 0 { bytes[index / 8] |= 0x80 >> UInt8(index % 8) }
        return bytes
    }
}
