import PenstockPipelines

/// The inputs that embeddings are asked of: a text or its tokens, or a list of such.
struct EmbeddingInputs: Sendable {
    let all: [SentenceSimilarity.Input]
    /// The size of the texts; a token counts as a byte.
    let texts: TextSize

    /// - Parameter name: that of the field
    init(_ fields: RequestFields, _ name: String) throws(ClientError) {
        all = try fields.textsOrTokens(name).map { text in
            switch text {
            case .text(let text): .text(text)
            case .tokens(let ids): .tokens(ids)
            }
        }
        texts = all.reduce(into: TextSize()) { size, input in
            size.count += 1
            size.bytes += input.bytes
        }
    }
}

extension SentenceSimilarity.Input {
    /// The bytes of the texts; a token counts as one.
    fileprivate var bytes: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .tokens(let ids): ids.count
        case .comparison(let source, let sentences): sentences.reduce(source.utf8.count) { $0 + $1.utf8.count }
        }
    }
}
