import PenstockJSON

extension GGUFFamily {
    /// Byte-pair encoding of SentencePiece, falling back to bytes. Its merges are those of the file or, where it has
    /// scores alone, all that its tokens can be put together by.
    static let sentencePiece = GGUFFamily(
        respell: { vocabulary in
            guard SentencePieceLayout(vocabulary) == .gemma else { return }
            vocabulary.respell { _, token in isBlank(token) ? String(repeating: "▁", count: token.utf8.count) : token }
        },
        pipeline: { (vocabulary) throws(TokenizerError) in
            let tokens = vocabulary.vocabulary
            var options = BPE.Options()
            (options.fuseUnknown, options.byteFallback) = (true, true)
            options.unknown = try vocabulary.token("unknown").map {
                UnknownToken($0, file: vocabulary.file.file, in: tokens)
            }
            let model = BPE(vocabulary: tokens, merges: try merges(vocabulary, tokens), options: options)
            return try SentencePieceLayout(vocabulary).pipeline(
                model, addsSpace: vocabulary.flag("add_space_prefix", default: true))
        },
        postProcessor: { (vocabulary) throws(TokenizerError) in
            try beginningAndEnd(vocabulary, begins: true, ends: false)
        },
        addedTokens: { vocabulary in
            let tokens = vocabulary.addedTokens
            switch SentencePieceLayout(vocabulary) {
            case .llama: return tokens
            // Blanks are merged as other tokens are.
            case .gemma: return tokens.filter { $0.special || $0.content.unicodeScalars.contains { $0 != "▁" } }
            case .phi3: return tokens.map(absorbingSpaces)
            }
        })

    /// As the tokenizers of Phi-3 have it: no file says so.
    private static func absorbingSpaces(_ token: AddedToken) -> AddedToken {
        var token = token
        token.rstrip = !["<unk>", "<s>", "<|endoftext|>"].contains(token.content)
        return token
    }

    private static func isBlank(_ token: String) -> Bool {
        !token.isEmpty && token.utf8.allSatisfy { $0 == UInt8(ascii: " ") }
    }

    private static func merges(
        _ vocabulary: GGUFVocabulary, _ tokens: Vocabulary
    ) throws(TokenizerError) -> MergeTable {
        let field = vocabulary.file["tokenizer.ggml.merges"]
        if field.exists { return try MergeReader(tokens, prefix: "").read(field) }
        // The scores of Gemma do not follow the order of its merges, but its tokens do.
        let scores =
            SentencePieceLayout(vocabulary) == .gemma
            ? vocabulary.tokens.indices.map { -Double($0) } : try vocabulary.scores()
        guard let scores else {
            throw vocabulary.file["tokenizer.ggml.scores"].malformed("expected scores, since there are no merges")
        }
        return MergeTable(joining: tokens, scores: scores)
    }
}

/// The treatment of blanks by SentencePiece, which files do not tell: it follows from the model or the architecture.
///
/// Of Llama it is that of the repository of Llama 2, as in llama.cpp: what follows a control token begins with a space,
/// too, and so does what begins with one already.
private enum SentencePieceLayout {
    case llama, gemma, phi3

    init(_ vocabulary: GGUFVocabulary) {
        if vocabulary.file["tokenizer.ggml.model"].value?.string == "gemma4" {
            self = .gemma
            return
        }
        switch vocabulary.file["general.architecture"].value?.string {
        case "gemma", "gemma2", "gemma3": self = .gemma
        case "phi3": self = .phi3
        default: self = .llama
        }
    }

    func pipeline(_ model: BPE, addsSpace: Bool) throws(TokenizerError) -> TokenizerPipeline {
        var decoders: [any Decoder] = [ReplaceDecoder("▁", with: " "), ByteFallbackDecoder(), Fuse()]
        if self != .gemma, addsSpace { decoders.append(StripDecoder(" ", start: 1, stop: 0)) }
        let replace = #"{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}"#
        let prepend = self != .gemma && addsSpace ? #"{"type": "Prepend", "prepend": "▁"}, "# : ""
        let normalizer = #"{"type": "Sequence", "normalizers": [\#(prepend)\#(replace)]}"#
        let preTokenizer =
            #"{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}"#
        return TokenizerPipeline(
            normalizer: try Normalizers.registry.make(Field(literal: normalizer)),
            preTokenizer: self == .gemma ? try PreTokenizers.registry.make(Field(literal: preTokenizer)) : nil,
            model: model, decoder: DecoderSequence(decoders))
    }
}

extension MergeTable {
    /// Longer tokens are in no model, and splitting them in every way would take time.
    private static let longestToken = 512

    /// All ways in which a token is two others, those of tokens with high scores first, and of a token those with the
    /// longest left part.
    ///
    /// - Parameter scores: that of each id
    init(joining vocabulary: Vocabulary, scores: [Double]) {
        struct Pair {
            let left: Int32
            let right: Int32
            let token: Int32
            let leftLength: Int
        }
        var pairs: [Pair] = []
        for (bytes, id) in vocabulary.entries where bytes.count <= Self.longestToken {
            bytes.withUnsafeBufferPointer { bytes in
                var length = 0
                for split in bytes.indices.dropFirst() where bytes[split] & 0xC0 != 0x80 {
                    length += 1
                    guard let left = vocabulary.id(of: UnsafeBufferPointer(rebasing: bytes[..<split])),
                        let right = vocabulary.id(of: UnsafeBufferPointer(rebasing: bytes[split...]))
                    else { continue }
                    pairs.append(Pair(left: left, right: right, token: id, leftLength: length))
                }
            }
        }
        pairs.sort { first, second in
            let (one, other) = (scores[Int(first.token)], scores[Int(second.token)])
            if one != other { return one > other }
            if first.leftLength != second.leftLength { return first.leftLength > second.leftLength }
            return (first.token, first.left) < (second.token, second.left)
        }
        self.init(capacity: pairs.count)
        for (rank, pair) in pairs.enumerated() {
            insert(pair.left, pair.right, Merge(rank: UInt32(rank), id: pair.token))
        }
    }
}
