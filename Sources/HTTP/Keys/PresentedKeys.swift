import HTTPTypes

extension HTTPFields {
    /// The API keys that a client presents, in any of the forms that clients of other servers send:
    /// `Authorization: Bearer KEY`, the key alone in `Authorization`, `x-api-key`, `api-key`.
    ///
    /// Empty ones are left out: some clients send `Bearer` without a key if none is configured.
    var presentedKeys: [String] {
        var keys: [String] = []
        if let field = self[.authorization] { keys.append(Self.withoutScheme(field)) }
        for name in [HTTPField.Name.apiKey, .bareAPIKey] {
            if let field = self[name] { keys.append(field) }
        }
        return keys.filter { !$0.isEmpty }
    }

    private static func withoutScheme(_ field: String) -> String {
        let words = field.split(maxSplits: 1, omittingEmptySubsequences: true) { $0 == " " }
        guard let first = words.first, first.lowercased() == "bearer" else { return field }
        return words.count < 2 ? "" : String(words[1].drop { $0 == " " })
    }
}
