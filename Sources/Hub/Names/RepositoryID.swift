/// The id of a model repository on the Hub: `name` or `org/name`.
///
/// Valid is what `huggingface_hub.utils.validate_repo_id` takes: letters, digits, `-`, `_` and `.`, 96 characters at most
/// in each part, of which the first and the last are a letter, a digit or `_`; neither `--` nor `..`, no `.git` at the end.
package struct RepositoryID: Sendable, Hashable, CustomStringConvertible {
    /// The id as it is written.
    package let description: String

    private static let longestPart = 96

    /// - Throws: ``HubError`` of the code `invalidID`, which says what an id is
    package init(_ text: String) throws(HubError) {
        guard let reason = Self.fault(of: text) else {
            description = text
            return
        }
        throw HubError(.invalidID, "\(HubError.quoted(text)) is no repository id: \(reason)")
    }

    /// The folder of the repository in a cache, as huggingface_hub's `repo_folder_name` has it.
    package var folder: String {
        "models--"
            + description.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
            .joined(separator: "--")
    }

    /// The id whose folder this is, or nil if it is the folder of no model.
    package init?(folder: String) {
        let prefix = "models--"
        guard folder.hasPrefix(prefix) else { return nil }
        // No id holds `--`, so that each of them in a folder's name is a slash.
        var (text, rest) = ("", Substring(folder.dropFirst(prefix.count)))
        while let dashes = rest.firstRange(of: "--") {
            text += rest[..<dashes.lowerBound] + "/"
            rest = rest[dashes.upperBound...]
        }
        guard let id = try? RepositoryID(text + rest) else { return nil }
        self = id
    }

    /// Returns what is wrong with an id; nil if nothing is.
    private static func fault(of text: String) -> String? {
        if text.firstRange(of: "://") != nil { return "of a model's address it is what follows the host, org/name" }
        let bytes = Array(text.utf8)
        if bytes.contains(UInt8(ascii: ":")) {
            return "it has no ':'; which of several GGUF files it is, a kind such as Q8_0, is said by --gguf"
        }
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return "it is a name, or an organisation and a name with a slash between them" }
        for part in parts {
            guard let first = part.first, let last = part.last, isWord(first), isWord(last),
                part.count <= longestPart, part.allSatisfy({ isWord($0) || "-.".utf8.contains($0) })
            else {
                return
                    "a part has 1 to \(longestPart) letters, digits, '-', '_' and '.', and none of '-' and '.' at its ends"
            }
        }
        for pair in zip(bytes, bytes.dropFirst()) where pair.0 == pair.1 && "-.".utf8.contains(pair.0) {
            return "it must not have -- or .."
        }
        return text.hasSuffix(".git") ? "it must not end with .git" : nil
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
