import PenstockJSON

/// The numbers of an embedding, stored in a precision.
public enum EmbeddingVector: Sendable, Equatable {
    /// Numbers of single precision.
    case float32([Float])
    /// The bits of numbers of half precision.
    case float16([UInt16])
    /// Signed bytes, of `int8` or `binary`.
    case int8([Int8])
    /// Unsigned bytes, of `uint8` or `ubinary`.
    case uint8([UInt8])
}

/// A format in which an embedding is written in text.
public enum EmbeddingFormat: String, Sendable, CaseIterable {
    /// A list of numbers.
    case float
    /// The bytes of the numbers one after the other, little-endian, in base64.
    case base64
}

extension EmbeddingFormat {
    /// The bytes that an embedding of so many dimensions takes in JSON at most.
    package func bytes(ofDimensions width: Int, _ precision: EmbeddingPrecision) -> Int {
        let count = precision.count(ofDimensions: width)
        switch (self, precision) {
        case (.float, .float32), (.float, .float16): return count * AnswerSize.number + 2
        // A sign, three digits and a comma.
        case (.float, _): return count * 5 + 2
        case (.base64, _): return JSONWriter.base64Bytes(count * precision.bytesPerNumber) + 2
        }
    }
}

extension JSONWriter {
    /// Writes an embedding: a list of numbers, or a string of base64.
    ///
    /// - Precondition: its numbers are finite.
    package mutating func value(_ vector: EmbeddingVector, as format: EmbeddingFormat) {
        switch (format, vector) {
        case (.float, .float32(let numbers)): value(numbers)
        case (.float, .float16(let bits)): value(bits.lazy.map(HalfPrecision.number))
        case (.float, .int8(let numbers)): value(integers: numbers)
        case (.float, .uint8(let numbers)): value(integers: numbers)
        case (.base64, .float32(let numbers)): base64(numbers.map(\.bitPattern.littleEndian))
        case (.base64, .float16(let bits)): base64(bits.map(\.littleEndian))
        case (.base64, .int8(let numbers)): base64(numbers)
        case (.base64, .uint8(let numbers)): base64(numbers)
        }
    }

    private mutating func value(integers: [some BinaryInteger]) {
        array { writer in
            for integer in integers { writer.value(Int(integer)) }
        }
    }

    private mutating func base64(_ numbers: [some BitwiseCopyable]) {
        numbers.withUnsafeBytes { base64($0) }
    }
}
