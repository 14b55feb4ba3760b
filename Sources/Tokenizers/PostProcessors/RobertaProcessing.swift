/// `<s> A </s>`, and for a pair `<s> A </s></s> B </s>`, all of type 0; takes spaces out of the offsets, too.
struct RobertaProcessing: PostProcessor {
    private let cls: Int32
    private let sep: Int32
    let trimsOffsets: Bool
    private let addPrefixSpace: Bool

    init(_ field: Field) throws(TokenizerError) {
        (cls, sep) = (try field["cls"].tokenID(), try field["sep"].tokenID())
        trimsOffsets = try field["trim_offsets"].bool()
        addPrefixSpace = try field["add_prefix_space"].bool()
    }

    /// - Parameter addPrefixSpace: whether the pre-tokenizer puts a space before the text.
    init(cls: Int32, sep: Int32, trimsOffsets: Bool, addPrefixSpace: Bool) {
        (self.cls, self.sep, self.trimsOffsets, self.addPrefixSpace) = (cls, sep, trimsOffsets, addPrefixSpace)
    }

    func addedTokens(isPair: Bool) -> Int { isPair ? 4 : 2 }

    func process(_ encodings: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        encodings.enumerated().map { index, encoding in
            var encoding = encoding
            if trimsOffsets { encoding.trimOffsets(addPrefixSpace: addPrefixSpace) }
            encoding.setTypeID(0)
            guard addSpecialTokens else { return encoding }
            for index in encoding.overflowing.indices { encoding.overflowing[index].setTypeID(0) }
            return encoding.surrounded(by: [index == 0 ? cls : sep], [sep], typeID: 0)
        }
    }
}
