/// `\p{N}{1,3}`
struct DigitsScanner: TextPattern {
    static let pattern = #"\p{N}{1,3}"#

    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        ClassifiedText.with(text) { text in
            var index = 0
            while index < text.count {
                let (classes, length) = text.classes(at: index)
                let start = index
                index += length
                if classes.contains(.number) {
                    index = text.end(of: .number, from: index, atMost: 2)
                    body(start..<index)
                }
            }
        }
    }
}
