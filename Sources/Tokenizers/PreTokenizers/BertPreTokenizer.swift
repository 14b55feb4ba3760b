/// Cuts at white space, and around every punctuation mark.
struct BertPreTokenizer: PreTokenizer {
    private static let ascii = (UInt8(0)..<128).map { ScalarTraits.of(Unicode.Scalar($0)) }

    func preTokenize(_ text: inout PreTokenizedText) {
        let ascii = Self.ascii
        text.split { bytes, range, emit in
            var start = range.lowerBound
            var index = start
            while index < range.upperBound {
                var (traits, length) = (ScalarTraits(), 1)
                if bytes[index] < 0x80 {
                    traits = ascii[Int(bytes[index])]
                } else {
                    let (scalar, scalarLength) = UTF8Reading.scalar(in: bytes, at: index)
                    (traits, length) = (ScalarTraits.of(scalar), scalarLength)
                }
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
