import PenstockJSON

/// The bytes of the tensors of a request, which take theirs in turn: one part for all, or a part for each.
struct TensorBytes<Bytes: RandomAccessCollection<UInt8> & RangeReplaceableCollection>
where Bytes.SubSequence == Bytes, Bytes.Index == Int {
    /// Those that are left, the next one last.
    private var parts: [Bytes]
    /// The number of bytes that nobody has taken yet.
    private(set) var count: Int

    init(_ parts: [Bytes]) {
        self.parts = parts.reversed().filter { !$0.isEmpty }
        count = parts.reduce(0) { $0 + $1.count }
    }

    /// Takes so many bytes; nil if the next part has fewer.
    private mutating func take(_ size: Int) -> Bytes? {
        guard size > 0 else { return Bytes() }
        guard let part = parts.last, size <= part.count else { return nil }
        parts.removeLast()
        if size < part.count { parts.append(part.dropFirst(size)) }
        count -= size
        return part.prefix(size)
    }

    /// The elements of a tensor that has the next bytes.
    ///
    /// - Parameters:
    ///   - size: the number of bytes, at least 0
    ///   - count: that of the elements, at least 0
    ///   - path: what messages call the tensor
    mutating func elements(
        _ type: TensorType, bytes size: Int, count: Int, of path: String
    ) throws(ClientError) -> [JSONValue] {
        func invalid(_ fault: String) -> ClientError { ClientError(.invalidRequest, "\(path) \(fault)") }
        let left = self.count
        guard let bytes = take(size) else {
            throw invalid("has a binary_data_size of \(size), but only \(left) bytes are left in the body")
        }
        guard let width = type.size else { return try Self.texts(bytes, count: count, invalid) }
        let (expected, overflows) = count.multipliedReportingOverflow(by: width)
        guard !overflows, expected == size else {
            throw invalid("has \(size) bytes, but \(count) elements of \(type.rawValue)")
        }
        var elements: [JSONValue] = []
        elements.reserveCapacity(count)
        for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: width) {
            guard let element = type.element(bytes: bytes[start..<start + width]) else {
                throw invalid("has bytes that are no \(type == .bool ? "truth value" : "finite number")")
            }
            elements.append(element)
        }
        return elements
    }

    /// Texts, each behind its length in four little-endian bytes.
    private static func texts(
        _ bytes: Bytes, count: Int, _ invalid: (String) -> ClientError
    ) throws(ClientError) -> [JSONValue] {
        let lengthBytes = 4
        guard bytes.count / lengthBytes >= count else {
            throw invalid("has \(bytes.count) bytes, too few for \(count) texts")
        }
        var elements: [JSONValue] = []
        elements.reserveCapacity(count)
        var rest = bytes
        for index in 0..<count {
            guard rest.count >= lengthBytes else { throw invalid("ends before its element \(index)") }
            let length = Int(rest.prefix(lengthBytes).reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) })
            rest = rest.dropFirst(lengthBytes)
            guard rest.count >= length else {
                throw invalid("ends within its element \(index), which has \(length) bytes")
            }
            guard let text = String(validating: rest.prefix(length), as: UTF8.self) else {
                throw invalid("has an element that is not UTF-8")
            }
            elements.append(.string(text))
            rest = rest.dropFirst(length)
        }
        guard rest.isEmpty else { throw invalid("has \(rest.count) bytes behind its \(count) texts") }
        return elements
    }
}
