/// A token that was chosen for a place, or stands there in a prompt, and how likely it was there.
package struct ChosenToken: Sendable, Equatable {
    package let id: Int32
    /// The logarithm of its probability by the model alone, before anything changed it; nil if nobody asked.
    package let logprob: Float?
    /// The likeliest tokens of the place by the model alone, the likeliest first; none if nobody asked.
    package let top: [TokenLogprob]
    /// The place of the token among all by how likely they are, 1 being the likeliest; nil but in a prompt.
    package let rank: Int?

    package init(id: Int32, logprob: Float? = nil, top: [TokenLogprob] = [], rank: Int? = nil) {
        (self.id, self.logprob, self.top, self.rank) = (id, logprob, top, rank)
    }
}

/// A token and the logarithm of its probability.
package struct TokenLogprob: Sendable, Equatable {
    package let id: Int32
    package let logprob: Float

    package init(id: Int32, logprob: Float) { (self.id, self.logprob) = (id, logprob) }
}
