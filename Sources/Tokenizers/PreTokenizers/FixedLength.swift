/// Cuts into pieces of so many scalars; the last may be shorter.
struct FixedLength: PreTokenizer {
    private let length: Int

    init(_ field: Field) throws(TokenizerError) {
        length =
            try field["length"].optional { (field) throws(TokenizerError) in
                try field.integer(in: 1...Int(Int32.max))
            } ?? 5
    }

    func preTokenize(_ text: inout PreTokenizedText) {
        text.split { bytes, range, emit in
            var start = range.lowerBound
            var scalars = 0
            for index in range where bytes[index] & 0xC0 != 0x80 {
                if scalars == length {
                    emit(start..<index)
                    (start, scalars) = (index, 0)
                }
                scalars += 1
            }
            emit(start..<range.upperBound)
        }
    }
}
