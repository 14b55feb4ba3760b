/// A model on the Hub as users name it: `name`, `org/name`, or either with `@revision`.
package struct HubReference: Sendable, Hashable, CustomStringConvertible {
    /// The repository.
    package let id: RepositoryID
    /// A branch, a tag or a commit.
    package let revision: String

    /// The revision of whoever names none.
    package static let defaultRevision = "main"
    private static let longestRevision = 255

    package init(id: RepositoryID, revision: String = defaultRevision) throws(HubError) {
        guard Self.isRevision(revision) else {
            throw HubError(
                .invalidID,
                "\(HubError.quoted(revision)) is no revision: it is the name of a branch or tag, or a commit's hash")
        }
        (self.id, self.revision) = (id, revision)
    }

    /// Reads `id` or `id@revision`.
    ///
    /// - Throws: ``HubError`` of the code `invalidID`
    package init(_ text: String) throws(HubError) {
        guard let at = text.utf8.firstIndex(of: UInt8(ascii: "@")) else {
            try self.init(id: RepositoryID(text))
            return
        }
        try self.init(
            id: RepositoryID(String(text[..<at])), revision: String(text[text.utf8.index(after: at)...]))
    }

    /// The id, and the revision if it is not the usual one.
    package var description: String {
        revision == Self.defaultRevision ? id.description : "\(id)@\(revision)"
    }

    /// True if the revision is the whole hash of a commit, which names the same files for ever.
    package var isCommit: Bool { Commit(revision) != nil }

    /// Tells whether a revision can be one and, as a path below `refs`, leads nowhere else. Git refuses most of the
    /// rest, too.
    private static func isRevision(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= longestRevision else { return false }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            guard let first = part.first, first != UInt8(ascii: ".") else { return false }
            return part.allSatisfy { $0 > 0x20 && $0 != 0x7F && !"\\?*[~^:".utf8.contains($0) }
        }
    }
}

/// The hash of a commit: 40 lower-case hexadecimal digits, as `REGEX_COMMIT_HASH` in huggingface_hub.
package struct Commit: Sendable, Hashable, CustomStringConvertible {
    /// The digits.
    package let description: String

    /// Nil for what is none.
    package init?(_ text: String) {
        guard Hexadecimal.isLower(text, count: 40) else { return nil }
        description = text
    }
}

/// Digits of hashes.
enum Hexadecimal {
    /// Tells whether a text is of so many digits, letters in lower case.
    static func isLower(_ text: String, count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
            }
    }

    /// The digits of bytes.
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
