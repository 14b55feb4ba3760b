/// Replaces spaces by a visible character, puts one before the text, and cuts before each.
struct Metaspace: PreTokenizer {
    /// A rule for the pieces that get the character before them, unless they begin with it.
    enum PrependScheme: String, CaseIterable, Sendable {
        case first, never, always
    }

    private let replacement: String
    private let prependScheme: PrependScheme
    private let split: Bool

    init(_ field: Field) throws(TokenizerError) {
        replacement = String(try field["replacement"].scalar())
        prependScheme = try Self.prependScheme(field)
        split = try field["split"].bool(default: true)
    }

    /// The scheme of a pre-tokenizer or a decoder.
    static func prependScheme(_ field: Field) throws(TokenizerError) -> PrependScheme {
        let scheme =
            try field["prepend_scheme"].optional { (field) throws(TokenizerError) in
                try field.choice(of: PrependScheme.allCases)
            } ?? .always
        // Files from before there were schemes say it thus.
        guard try field["add_prefix_space"].bool(default: true) || scheme == .never else {
            throw field.malformed("add_prefix_space does not match prepend_scheme")
        }
        return scheme
    }

    func preTokenize(_ text: inout PreTokenizedText) {
        let space = UInt8(ascii: " ")
        let replacementBytes = Array(replacement.utf8)
        text.prepend(replacement, replacing: space, with: replacement) { bytes, origin in
            switch prependScheme {
            case .never: return false
            case .first where origin != 0: return false
            default: return bytes.first != space && !bytes.starts(with: replacementBytes)
            }
        }
        if split { text.split(at: LiteralPattern(replacement), .mergedWithNext) }
    }
}
