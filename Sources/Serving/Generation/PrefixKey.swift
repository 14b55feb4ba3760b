/// Texts that may share what they begin with: their keys and values are the same, and so is their owner.
///
/// A beginning that is found is told, and makes the answer come sooner. So nobody finds that of the owner of another API
/// key, which could be guessed token by token.
package struct PrefixKey: Sendable, Hashable {
    /// The key of the angles of the text.
    package let angles: Int
    /// The owner of the API key; nil if nobody has to say who they are.
    package let owner: String?

    package init(angles: Int = 0, owner: String? = nil) {
        (self.angles, self.owner) = (angles, owner)
    }
}
