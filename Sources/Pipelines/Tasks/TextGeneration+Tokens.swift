extension TextGeneration {
    /// A token as users see it.
    ///
    /// - Parameter text: what it added to the text
    func token(of token: ChosenToken, text: String) -> Generation.Token {
        self.token(of: token, text: text, spelling: token.logprob == nil ? nil : spelling(of: token.id))
    }

    /// The tokens of a prompt as users see them, each by itself.
    func promptTokens(_ tokens: [ChosenToken], in scope: RequestScope) throws(PipelineError) -> [Generation.Token] {
        var all: [Generation.Token] = []
        all.reserveCapacity(tokens.count)
        for token in tokens {
            try scope.check()
            all.append(promptToken(of: token))
        }
        return all
    }

    /// A token of a prompt as users see it.
    func promptToken(of token: ChosenToken) -> Generation.Token {
        let spelling = spelling(of: token.id)
        return self.token(of: token, text: spelling, spelling: spelling)
    }

    private func token(of token: ChosenToken, text: String, spelling: String?) -> Generation.Token {
        let tokenizer = encoder.tokenizer
        func partBytes(_ id: Int32, _ spelling: String?) -> [UInt8]? {
            spelling?.unicodeScalars.contains("\u{FFFD}") ?? false ? tokenizer.bytes(of: id) : nil
        }
        return Generation.Token(
            id: Int(token.id), text: text, logprob: token.logprob, isSpecial: tokenizer.isSpecial(token.id),
            likeliest: token.top.map {
                let spelling = self.spelling(of: $0.id)
                return Generation.Token(
                    id: Int($0.id), text: tokenizer.decode([$0.id], skipSpecialTokens: false), logprob: $0.logprob,
                    isSpecial: tokenizer.isSpecial($0.id), spelling: spelling, partBytes: partBytes($0.id, spelling))
            }, spelling: spelling, partBytes: partBytes(token.id, spelling), rank: token.rank)
    }

    /// The text of a token by itself, with the space that it begins with within a text.
    private func spelling(of id: Int32) -> String {
        let text = encoder.tokenizer.decode([id], skipSpecialTokens: false)
        let beginsWord = encoder.tokenizer.token(of: id)?.hasPrefix("\u{2581}") ?? false
        return beginsWord && !text.hasPrefix(" ") ? " " + text : text
    }
}
