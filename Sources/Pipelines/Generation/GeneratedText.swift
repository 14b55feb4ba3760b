/// The part of an answer that one step adds.
package struct GeneratedPiece: Sendable {
    /// The sequence of the request that it belongs to.
    package let sequence: Int
    /// Tokens of the prompt that come next, and how likely they were, where that is told: pieces in front of the first
    /// token have them all.
    package let prompt: [ChosenToken]
    /// The token; nil if the answer ended without another, and of a piece of the prompt.
    package let token: ChosenToken?
    /// The text that is certain with it.
    package let text: String
    /// The reason that the answer ends; nil if it goes on.
    package let end: FinishReason?
    /// The place of the stop string at which it ends among those of the settings; nil if it ends at none.
    package let stopString: Int?

    package init(
        sequence: Int, prompt: [ChosenToken] = [], token: ChosenToken?, text: String, end: FinishReason?,
        stopString: Int? = nil
    ) {
        (self.sequence, self.prompt, self.token, self.text, self.end) = (sequence, prompt, token, text, end)
        self.stopString = stopString
    }
}

/// The text that was generated for a prompt.
package struct GeneratedText: Sendable {
    /// A token and the text that was certain with it.
    package struct Token: Sendable {
        package let token: ChosenToken
        package let text: String
    }

    /// Tokens of the prompt and how likely they were; none if that is not told.
    package private(set) var prompt: [ChosenToken] = []
    package private(set) var tokens: [Token] = []
    package private(set) var text = ""
    /// Nil as long as it goes on.
    package private(set) var end: FinishReason?
    /// The place of the stop string at which it ended among those of the settings; nil if it ended at none.
    package private(set) var stopString: Int?

    /// Nothing yet.
    package init() {}

    /// Takes the next piece in.
    package mutating func append(_ piece: GeneratedPiece) {
        prompt += piece.prompt
        if let token = piece.token { tokens.append(Token(token: token, text: piece.text)) }
        text += piece.text
        (end, stopString) = (piece.end, piece.stopString)
    }
}
