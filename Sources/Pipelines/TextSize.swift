import PenstockJSON

/// The number of texts to compute on, and their bytes of UTF-8.
package struct TextSize: Sendable {
    package var count = 0
    package var bytes = 0

    package init() {}

    package init(count: Int, bytes: Int) { (self.count, self.bytes) = (count, bytes) }

    /// Bytes that it takes at most to read the texts one after the other: a token of five bytes has its place in the
    /// text, its id, and what the stages before made of it, in lists that double as they grow.
    package var bytesOfReading: Int { AnswerSize.product(bytes, Self.bytesPerByte) }

    private static let bytesPerByte = 24
}

extension TextSize {
    /// The size of some texts.
    package init(of texts: some Sequence<String>) {
        self.init()
        for text in texts {
            count += 1
            bytes += text.utf8.count
        }
    }
}

extension JSONValue {
    /// The strings of the value that are not keys: what of it can be text to compute on.
    package var textSize: TextSize {
        func sum(_ values: some Sequence<JSONValue>) -> TextSize {
            values.reduce(into: TextSize()) { sum, value in
                let size = value.textSize
                sum.count += size.count
                sum.bytes += size.bytes
            }
        }
        switch self {
        case .string(let text): return TextSize(count: 1, bytes: text.utf8.count)
        case .array(let elements): return sum(elements)
        case .object(let object): return sum(object.entries.lazy.map(\.value))
        case .null, .bool, .integer, .double: return TextSize()
        }
    }
}
