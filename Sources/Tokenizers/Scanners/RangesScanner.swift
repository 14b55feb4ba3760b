/// Runs of scalars from a few ranges beyond ASCII, `[一-龥぀-ゟ゠-ヿ]+`.
struct RangesScanner: TextPattern {
    private let ranges: [ClosedRange<UInt32>]

    /// The East Asian scripts of DeepSeek-V3.
    static let deepSeek = "[一-龥\u{3040}-ゟ゠-ヿ]+"
    /// Those of DeepSeek-Coder.
    static let deepSeekCoder = "[一-龥ࠀ-一가-퟿]+"

    init(_ ranges: [ClosedRange<UInt32>]) { self.ranges = ranges }

    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        var start: Int?
        var index = 0
        while index < text.count {
            var (isMember, length) = (false, 1)
            if text[index] >= 0x80 {
                let (scalar, scalarLength) = UTF8Reading.scalar(in: text, at: index)
                (isMember, length) = (ranges.contains { $0.contains(scalar.value) }, scalarLength)
            }
            if isMember {
                start = start ?? index
            } else if let first = start {
                body(first..<index)
                start = nil
            }
            index += length
        }
        if let start { body(start..<text.count) }
    }
}
