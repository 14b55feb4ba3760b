/// Takes the spaces away that tokenization left before English punctuation and contractions.
struct CleanUp: Sendable {
    private let replacements: [(pattern: [UInt8], content: [UInt8])]

    private init(_ replacements: KeyValuePairs<String, String>) {
        self.replacements = replacements.map { (Array($0.key.utf8), Array($0.value.utf8)) }
    }

    /// The replacements that `clean_up_tokenization_spaces` makes in a whole text.
    static let text = CleanUp([
        " .": ".", " ?": "?", " !": "!", " ,": ",", " ' ": "'", " n't": "n't", " 'm": "'m", " 's": "'s", " 've": "'ve",
        " 're": "'re",
    ])

    /// The replacements that the `cleanup` of a decoder makes in a token.
    static let decoder = CleanUp([
        " .": ".", " ?": "?", " !": "!", " ,": ",", " ' ": "'", " n't": "n't", " 'm": "'m", " do not": " don't",
        " 's": "'s", " 've": "'ve", " 're": "'re",
    ])

    /// Makes the replacements one after the other.
    func apply(to bytes: inout [UInt8]) {
        guard bytes.contains(UInt8(ascii: " ")) else { return }
        for (pattern, content) in replacements { ByteSearch.replace(pattern, with: content, in: &bytes) }
    }
}

extension CleanUp: Decoder {
    func makeStage() -> any DecodingStage {
        StageSequence(replacements.map { ReplacementStage(pattern: $0.pattern, content: $0.content) })
    }
}

/// Replaces a string in the whole text, also where tokens meet in it.
private struct ReplacementStage: DecodingStage {
    let pattern: [UInt8]
    let content: [UInt8]
    private var fusion = Fusion()
    /// The end of the text, if the pattern begins with it.
    private var pending: [UInt8] = []

    init(pattern: [UInt8], content: [UInt8]) { (self.pattern, self.content) = (pattern, content) }

    mutating func append(_ piece: DecodedPiece, to output: inout [DecodedPiece]) {
        let bytes = pending + Array(piece.text.utf8)
        var (result, end) = ([UInt8](), 0)
        for match in ByteSearch.matches(of: pattern, in: bytes) {
            result += bytes[end..<match.lowerBound]
            result += content
            end = match.upperBound
        }
        let rest = bytes[end...]
        let begun = (1..<pattern.count).reversed().first { rest.suffix($0).elementsEqual(pattern.prefix($0)) } ?? 0
        pending = Array(rest.suffix(begun))
        result += rest.dropLast(begun)
        fusion.append(String(decoding: result, as: UTF8.self), to: &output)
    }

    mutating func finish(_ output: inout [DecodedPiece]) {
        fusion.append(String(decoding: pending, as: UTF8.self), to: &output)
        fusion.finish(&output)
    }
}
