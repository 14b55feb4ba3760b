/// Takes the spaces that byte-level models have in their tokens out of the offsets.
struct ByteLevelProcessing: PostProcessor {
    let trimsOffsets: Bool
    private let addPrefixSpace: Bool

    init(_ field: Field) throws(TokenizerError) {
        trimsOffsets = try field["trim_offsets"].bool()
        addPrefixSpace = try field["add_prefix_space"].bool()
    }

    func addedTokens(isPair: Bool) -> Int { 0 }

    func process(_ encodings: [Encoding], addSpecialTokens: Bool) -> [Encoding] {
        guard trimsOffsets else { return encodings }
        return encodings.map { encoding in
            var encoding = encoding
            encoding.trimOffsets(addPrefixSpace: addPrefixSpace)
            return encoding
        }
    }
}
