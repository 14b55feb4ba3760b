import PenstockJSON
import PenstockPipelines

/// The inputs that embeddings are asked of: a text or its tokens, or a list of such.
struct EmbeddingInputs: Sendable {
    let all: [SentenceSimilarity.Input]
    /// The size of the texts; a token counts as a byte.
    let texts: TextSize

    private static let expected = "a string, a list of strings, a list of token ids, or a list of such lists"

    /// - Parameter name: that of the field
    init(_ fields: RequestFields, _ name: String) throws(ClientError) {
        all = try Self.inputs(fields, name)
        texts = all.reduce(into: TextSize()) { size, input in
            size.count += 1
            size.bytes += input.bytes
        }
    }

    private static func inputs(
        _ fields: RequestFields, _ name: String
    ) throws(ClientError) -> [SentenceSimilarity.Input] {
        let value = try fields.require(fields[name], name, expected)
        if let input = try input(value, name) { return [input] }
        guard let elements = value.array else { throw fields.invalid(name, expected) }
        guard !elements.isEmpty else {
            throw ClientError(.emptyInputs, "\(name) is an empty list", parameter: name)
        }
        var inputs: [SentenceSimilarity.Input] = []
        inputs.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let input = try input(element, name) else {
                throw ClientError(
                    .invalidRequest, "\(name)[\(index)] has to be a string or a list of token ids, not \(element.kind)",
                    parameter: name)
            }
            inputs.append(input)
        }
        return inputs
    }

    /// Nil for what is neither a text nor a list of numbers.
    private static func input(
        _ value: JSONValue, _ name: String
    ) throws(ClientError) -> SentenceSimilarity.Input? {
        if let text = value.string { return .text(text) }
        return try value.tokenIDs(named: name).map { .tokens($0) }
    }
}

extension JSONValue {
    /// The ids of tokens; nil for what is no list of numbers, and for an empty list.
    ///
    /// - Parameter name: what messages call the field
    func tokenIDs(named name: String) throws(ClientError) -> [Int32]? {
        guard let elements = array, !elements.isEmpty else { return nil }
        var ids: [Int32] = []
        ids.reserveCapacity(elements.count)
        for element in elements {
            guard element.double != nil else { return nil }
            guard let id = element.integer.flatMap({ Int32(exactly: $0) }) else {
                throw ClientError(.invalidRequest, "a token id of \(name) is no 32-bit integer", parameter: name)
            }
            ids.append(id)
        }
        return ids
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
