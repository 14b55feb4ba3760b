/// Cuts at white space, and around every punctuation mark.
struct BertPreTokenizer: PreTokenizer {
    func preTokenize(_ text: inout PreTokenizedText) {
        text.split { bytes, range, emit in
            var start = range.lowerBound
            var index = start
            while index < range.upperBound {
                let (scalar, length) = UTF8Reading.scalar(in: bytes, at: index)
                let traits = ScalarTraits.of(scalar)
                if !traits.isDisjoint(with: [.whitespace, .punctuation]) {
                    if start < index { emit(start..<index) }
                    if !traits.contains(.whitespace) { emit(index..<index + length) }
                    start = index + length
                }
                index += length
            }
            if start < range.upperBound { emit(start..<range.upperBound) }
        }
    }
}
