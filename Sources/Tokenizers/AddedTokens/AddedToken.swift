import PenstockJSON

/// A token that is found in the text as a whole, before the pipeline sees it.
struct AddedToken: Sendable, Equatable {
    /// Its text.
    var content: String
    /// True if it must not touch word characters.
    var singleWord = false
    /// True if it absorbs white space on its left.
    var lstrip = false
    /// True if it absorbs white space on its right.
    var rstrip = false
    /// True if it is looked for in the normalised text, in its normalised form.
    var normalized: Bool
    /// True if decoding can skip it.
    var special: Bool

    /// True if it is of white space alone.
    var isBlank: Bool { content.unicodeScalars.allSatisfy(UpstreamUnicode.isWhitespace) }

    /// A special token that only needs a name.
    init(special content: String) { (self.content, special, normalized) = (content, true, false) }

    /// Reads an element of `added_tokens` or an entry of `added_tokens_decoder`.
    ///
    /// - Parameter isSpecial: whether the token is special when the file does not say.
    init(_ field: Field, isSpecial: Bool = false) throws(TokenizerError) {
        content = try field["content"].string()
        singleWord = try field["single_word"].bool(default: false)
        lstrip = try field["lstrip"].bool(default: false)
        rstrip = try field["rstrip"].bool(default: false)
        special = try field["special"].bool(default: isSpecial)
        normalized = try field["normalized"].bool(default: !special)
    }

    /// Reads a named token: its text, or an object.
    init(named field: Field) throws(TokenizerError) {
        if let content = field.value?.string {
            self.init(special: content)
        } else {
            try self.init(field, isSpecial: true)
            special = true
        }
    }
}
