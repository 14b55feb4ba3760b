/// Lays out texts and special tokens as a template says.
struct TemplateProcessing: PostProcessor {
    /// One position of a template.
    enum Piece: Sendable {
        /// The first text (0) or the second (1), all of one type.
        case sequence(Int, typeID: Int32)
        /// Special tokens, all of one type.
        case special([Int32], typeID: Int32)
    }

    private let single: [Piece]
    private let pair: [Piece]

    init(_ field: Field) throws(TokenizerError) {
        var specialTokens: [String: [Int32]] = [:]
        for (key, token) in try field["special_tokens"].fields() {
            specialTokens[key] = try token["ids"].map { (id) throws(TokenizerError) in try id.id() }
        }
        single = try Self.pieces(field["single"], of: ["A"], specialTokens)
        pair = try Self.pieces(field["pair"], of: ["A", "B"], specialTokens)
    }

    /// A template for one text and one for a pair.
    init(single: [Piece], pair: [Piece]) { (self.single, self.pair) = (single, pair) }

    private static func pieces(
        _ field: Field, of sequences: [String], _ specialTokens: [String: [Int32]]
    ) throws(TokenizerError) -> [Piece] {
        try field.map { (piece) throws(TokenizerError) in
            if piece["SpecialToken"].exists {
                let id = piece["SpecialToken"]["id"]
                guard let ids = specialTokens[try id.string()] else {
                    throw id.malformed("\"\(try id.string())\" is not among special_tokens")
                }
                return .special(ids, typeID: try piece["SpecialToken"]["type_id"].id())
            }
            let id = piece["Sequence"]["id"]
            guard let index = sequences.firstIndex(of: try id.string()) else {
                throw id.malformed("\"\(try id.string())\" is none of \(sequences.joined(separator: ", "))")
            }
            return .sequence(index, typeID: try piece["Sequence"]["type_id"].id())
        }
    }

    private func template(isPair: Bool) -> [Piece] { isPair ? pair : single }

    func addedTokens(isPair: Bool) -> Int {
        template(isPair: isPair).reduce(0) { if case .special(let ids, _) = $1 { $0 + ids.count } else { $0 } }
    }

    func process(_ encodings: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        template(isPair: encodings.count > 1).compactMap { piece in
            switch piece {
            case .sequence(let index, let typeID):
                guard encodings.indices.contains(index) else { return nil }
                var encoding = encodings[index]
                encoding.setTypeID(typeID)
                return encoding
            case .special(let ids, let typeID):
                return addSpecialTokens ? Encoding(special: ids, typeID: typeID) : nil
            }
        }
    }
}
