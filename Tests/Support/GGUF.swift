/// GGUF files, made in memory: correct ones, and wrong ones.
package struct GGUF {
    /// A value of a key.
    package indirect enum Value {
        case bool(UInt8)
        case uint32(UInt32)
        case uint64(UInt64)
        case int32(Int32)
        case float32(Float)
        case string(String)
        /// The number of the type of its elements, and these.
        case array(UInt32, [Value])
        /// The number of a type, and bytes in the place of a value of it.
        case raw(UInt32, [UInt8])

        /// A list of strings.
        package static func strings(_ strings: [String]) -> Value { .array(8, strings.map(Value.string)) }

        fileprivate var type: UInt32 {
            switch self {
            case .uint32: 4
            case .int32: 5
            case .float32: 6
            case .bool: 7
            case .string: 8
            case .array: 9
            case .uint64: 10
            case .raw(let type, _): type
            }
        }

        fileprivate var bytes: [UInt8] {
            switch self {
            case .bool(let byte): [byte]
            case .uint32(let number): little(number)
            case .uint64(let number): little(number)
            case .int32(let number): little(number)
            case .float32(let number): little(number.bitPattern)
            case .string(let string): text(string)
            case .array(let type, let elements):
                little(type) + little(UInt64(elements.count)) + elements.flatMap(\.bytes)
            case .raw(_, let bytes): bytes
            }
        }
    }

    /// A tensor, and what the file says of it.
    package struct Tensor {
        package var name: String
        /// The extents, that of a row first.
        package var extents: [UInt64]
        package var type: UInt32
        package var bytes: [UInt8]
        /// Where the header has it; nil for where it is.
        package var offset: UInt64?

        package init(_ name: String, _ extents: [UInt64], type: UInt32 = 0, _ bytes: [UInt8], offset: UInt64? = nil) {
            (self.name, self.extents, self.type, self.bytes, self.offset) = (name, extents, type, bytes, offset)
        }

        /// A tensor of floats.
        package init(_ name: String, _ extents: [UInt64], floats: [Float]) {
            self.init(name, extents, floats.flatMap { little($0.bitPattern) })
        }
    }

    package var version: UInt32 = 3
    package var pairs: [(key: String, value: Value)]
    package var tensors: [Tensor]
    /// The counts that the header has; nil for the true ones.
    package var tensorCount: UInt64?
    package var pairCount: UInt64?
    package var alignment = 32

    package init(_ pairs: [(key: String, value: Value)] = [], _ tensors: [Tensor] = []) {
        (self.pairs, self.tensors) = (pairs, tensors)
    }

    /// The bytes of the pairs alone.
    package var pairBytes: [UInt8] {
        pairs.flatMap { text($0.key) + little($0.value.type) + $0.value.bytes }
    }

    /// The bytes of the file.
    package var file: [UInt8] {
        var header = Array("GGUF".utf8) + little(version)
        header += little(tensorCount ?? UInt64(tensors.count)) + little(pairCount ?? UInt64(pairs.count))
        header += pairBytes
        var data: [UInt8] = []
        for tensor in tensors {
            header += text(tensor.name) + little(UInt32(tensor.extents.count)) + tensor.extents.flatMap { little($0) }
            header += little(tensor.type) + little(tensor.offset ?? UInt64(data.count))
            data += tensor.bytes
            pad(&data)
        }
        pad(&header)
        return header + data
    }

    private func pad(_ bytes: inout [UInt8]) {
        while !bytes.count.isMultiple(of: alignment) { bytes.append(0) }
    }
}

private func little(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

private func text(_ string: String) -> [UInt8] { little(UInt64(string.utf8.count)) + Array(string.utf8) }
