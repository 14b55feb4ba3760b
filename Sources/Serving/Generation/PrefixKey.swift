/// Texts that may share what they begin with: their keys and values are the same, and so is their owner.
///
/// Who finds the beginning of a text is told so, and has an answer sooner. So what was computed for the owner of an API
/// key is not found for others, who could guess it token by token.
package struct PrefixKey: Sendable, Hashable {
    /// The key of the angles of the text.
    package let angles: Int
    /// The owner of the API key; nil if nobody has to say who they are.
    package let owner: String?

    package init(angles: Int = 0, owner: String? = nil) {
        (self.angles, self.owner) = (angles, owner)
    }
}
