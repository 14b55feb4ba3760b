import PenstockJSON

/// A text, or the ids of its tokens, as the APIs of OpenAI take it.
enum TextOrTokens: Sendable {
    case text(String)
    case tokens([Int32])
}

extension RequestFields {
    private static let texts = "a string, a list of strings, a list of token ids, or a list of such lists"

    /// The texts of a field that has to be there, at least one.
    func textsOrTokens(_ name: String) throws(ClientError) -> [TextOrTokens] {
        let value = try require(self[name], name, Self.texts)
        if let text = try Self.textOrTokens(value, name) { return [text] }
        guard let elements = value.array else { throw invalid(name, Self.texts) }
        guard !elements.isEmpty else {
            throw ClientError(.emptyInputs, "\(name) is an empty list", parameter: name)
        }
        var texts: [TextOrTokens] = []
        texts.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let text = try Self.textOrTokens(element, name) else {
                throw ClientError(
                    .invalidRequest, "\(name)[\(index)] has to be a string or a list of token ids, not \(element.kind)",
                    parameter: name)
            }
            texts.append(text)
        }
        return texts
    }

    /// Nil for what is neither a text nor a list of numbers.
    private static func textOrTokens(_ value: JSONValue, _ name: String) throws(ClientError) -> TextOrTokens? {
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
