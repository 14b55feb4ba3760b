/// `[CLS] A [SEP]`, and for a pair `[CLS] A [SEP] B [SEP]`. The older spelling of a template.
struct BertProcessing: PostProcessor {
    private let cls: Int32
    private let sep: Int32

    init(_ field: Field) throws(TokenizerError) {
        (cls, sep) = (try field["cls"].tokenID(), try field["sep"].tokenID())
    }

    func addedTokens(isPair: Bool) -> Int { isPair ? 3 : 2 }

    func process(_ encodings: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        guard addSpecialTokens else { return encodings }
        return encodings.enumerated().map { index, encoding in
            index == 0
                ? encoding.surrounded(by: [cls], [sep], typeID: 0) : encoding.surrounded(by: [], [sep], typeID: 1)
        }
    }
}

extension Field {
    /// The id of a token that is written `["[SEP]", 102]`.
    func tokenID() throws(TokenizerError) -> Int32 {
        let elements = try elements()
        guard elements.count == 2 else { throw malformed("expected a token and its id") }
        return try elements[1].id()
    }
}

extension Encoding {
    /// The encoding and its overflowing pieces between special tokens.
    func surrounded(by before: [Int32], _ after: [Int32], typeID: Int32) -> Encoding {
        var result = Encoding(special: before, typeID: typeID)
        result.append(self)
        result.append(Encoding(special: after, typeID: typeID))
        return result
    }
}
