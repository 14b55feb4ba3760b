/// An error that says why a model of the Hub is not here. The message is one line that says what to do, and never holds
/// a token.
package struct HubError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: String, Sendable {
        /// The text is no repository id, or no revision.
        case invalidID = "invalid_id"
        /// The settings make no sense: an endpoint that is no URL, a token that is none.
        case invalidSettings = "invalid_settings"
        /// Terms have to be accepted first.
        case gated
        /// There is no such repository, or not for this token.
        case repositoryNotFound = "repository_not_found"
        /// The token is not valid.
        case unauthorized
        /// The repository has no such branch, tag or commit.
        case revisionNotFound = "revision_not_found"
        /// The revision has no such file.
        case entryNotFound = "entry_not_found"
        /// The repository has none of the files that a model is made of.
        case noModel = "no_model"
        /// No answer came.
        case unreachable
        /// The network must not be used, and the cache does not have it.
        case offline
        /// The server does not want to answer that often.
        case rateLimited = "rate_limited"
        /// The server answered with another status that is no success.
        case refused
        /// The server's answer is not what a Hub answers.
        case malformedAnswer = "malformed_answer"
        /// The bytes that came are not those of the file.
        case corrupted
        /// There is no room on the disk.
        case diskFull = "disk_full"
        /// The cache may not be written.
        case readOnlyCache = "read_only_cache"
        /// The cache cannot be used for another reason.
        case unusableCache = "unusable_cache"
        /// The cache does not have what is to be removed.
        case notCached = "not_cached"
    }

    /// The kind of failure.
    package let code: Code
    /// A sentence that says what is wrong and what to do.
    package let message: String

    package init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    package var description: String { message }

    /// A text that came from outside, cut and without what does not show, in quotes.
    static func quoted(_ text: String) -> String {
        let limit = 100
        var shown = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                shown += scalar.escaped(asASCII: true)
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return text.unicodeScalars.count > limit ? "'\(shown)…'" : "'\(shown)'"
    }
}
