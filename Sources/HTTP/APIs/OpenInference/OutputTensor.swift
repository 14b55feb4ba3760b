import PenstockJSON
import PenstockPipelines

/// A tensor of an answer.
struct OutputTensor: Sendable {
    /// Elements, row after row.
    enum Values: Sendable {
        case float32([Float])
        /// The bits of numbers of half precision.
        case float16([UInt16])
        case int8([Int8])
        case uint8([UInt8])
        case int64([Int])
        case texts([String])
    }

    let name: String
    let shape: [Int]
    let values: Values

    init(_ name: String, shape: [Int], _ values: Values) {
        (self.name, self.shape, self.values) = (name, shape, values)
    }

    /// A row for each vector, all of one length and precision.
    init(_ name: String, rows: [EmbeddingVector]) {
        var (floats, halves, signed, unsigned): ([Float], [UInt16], [Int8], [UInt8]) = ([], [], [], [])
        for row in rows {
            switch row {
            case .float32(let numbers): floats += numbers
            case .float16(let bits): halves += bits
            case .int8(let numbers): signed += numbers
            case .uint8(let numbers): unsigned += numbers
            }
        }
        let count = floats.count + halves.count + signed.count + unsigned.count
        let values: Values =
            if !halves.isEmpty {
                .float16(halves)
            } else if !signed.isEmpty {
                .int8(signed)
            } else if !unsigned.isEmpty {
                .uint8(unsigned)
            } else {
                .float32(floats)
            }
        self.init(name, shape: [rows.count, count / max(1, rows.count)], values)
    }

    var type: TensorType {
        switch values {
        case .float32: .float32
        case .float16: .float16
        case .int8: .int8
        case .uint8: .uint8
        case .int64: .int64
        case .texts: .bytes
        }
    }

    /// The elements in the order of their bytes that the protocol has: little-endian, and texts behind their lengths.
    var bytes: [UInt8] {
        switch values {
        case .float32(let numbers): Self.bytes(numbers.map(\.bitPattern.littleEndian))
        case .float16(let bits): Self.bytes(bits.map(\.littleEndian))
        case .int8(let numbers): Self.bytes(numbers)
        case .uint8(let numbers): numbers
        case .int64(let numbers): Self.bytes(numbers.map(\.littleEndian))
        case .texts(let texts):
            texts.reduce(into: []) { bytes, text in
                bytes += Self.bytes([UInt32(truncatingIfNeeded: text.utf8.count).littleEndian])
                bytes += text.utf8
            }
        }
    }

    private static func bytes(_ numbers: [some BitwiseCopyable]) -> [UInt8] {
        numbers.withUnsafeBytes { Array($0) }
    }

    /// Writes the elements as one flat list.
    func writeData(into writer: inout JSONWriter) {
        switch values {
        case .float32(let numbers): writer.value(numbers)
        case .float16(let bits): writer.value(bits.lazy.map(HalfPrecision.number))
        case .int8(let numbers): Self.write(numbers, into: &writer)
        case .uint8(let numbers): Self.write(numbers, into: &writer)
        case .int64(let numbers): Self.write(numbers, into: &writer)
        case .texts(let texts): writer.array { for text in texts { $0.value(text) } }
        }
    }

    private static func write(_ integers: [some BinaryInteger], into writer: inout JSONWriter) {
        writer.array { for integer in integers { $0.value(Int(integer)) } }
    }
}
