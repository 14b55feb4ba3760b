/// The scalars that scalars decompose into in one step, for all scalars but syllables of Hangul.
struct DecompositionMappings: Sendable {
    struct Mapping: Sendable {
        let scalar: Unicode.Scalar
        /// At least one scalar; of a canonical mapping one or two.
        let parts: [Unicode.Scalar]
        /// True if NFC puts the parts together again.
        let isComposed: Bool
    }

    /// In the order of the scalars.
    let mappings: [Mapping]

    /// Reads runs of consecutive scalars, `FIRST=MAPPING,MAPPING;FIRST=…`: hexadecimal numbers, an exclamation mark before
    /// two parts that stay apart.
    init(_ text: StaticString) {
        var reader = Reader(text: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        mappings = reader.mappings()
    }

    private struct Reader {
        let text: UnsafeBufferPointer<UInt8>
        var position = 0

        mutating func mappings() -> [Mapping] {
            var mappings: [Mapping] = []
            while position < text.count {
                var value = number()
                repeat {
                    position += 1
                    let staysApart = text[position] == UInt8(ascii: "!")
                    if staysApart { position += 1 }
                    var parts = [scalar(number())]
                    while position < text.count, text[position] == UInt8(ascii: " ") {
                        position += 1
                        parts.append(scalar(number()))
                    }
                    mappings.append(
                        Mapping(scalar: scalar(value), parts: parts, isComposed: parts.count == 2 && !staysApart))
                    value += 1
                } while position < text.count && text[position] == UInt8(ascii: ",")
                position += 1
            }
            return mappings
        }

        private mutating func number() -> UInt32 {
            var number: UInt32 = 0
            while position < text.count, let digit = Character(Unicode.Scalar(text[position])).hexDigitValue {
                number = number << 4 | UInt32(digit)
                position += 1
            }
            return number
        }

        private func scalar(_ value: UInt32) -> Unicode.Scalar {
            guard let scalar = Unicode.Scalar(value) else { preconditionFailure("\(value) is no scalar") }
            return scalar
        }
    }
}
