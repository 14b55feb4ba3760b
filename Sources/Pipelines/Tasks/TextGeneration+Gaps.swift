import PenstockTokenizers

extension TextGeneration {
    /// The tokens that end what fills a gap; nil if the model is not known to fill gaps.
    package var endsOfGaps: [Int32]? { gapTokens?.ends }

    /// The tokens of a prompt behind which the model fills a gap: as llama.cpp has it, the text in front of the gap,
    /// the one behind it, and in front of both those of other files. Names of control tokens in them are text.
    ///
    /// - Parameter most: tokens that the answer has at most
    /// - Throws: ``PipelineError`` if the model is not known to fill gaps.
    func ids(of gap: TextGap, answer most: Int, in scope: RequestScope) throws(PipelineError) -> [Int32] {
        guard let tokens = gapTokens else {
            throw PipelineError(
                .invalidInputs, "the model has no tokens by which gaps are shown to it, such as <|fim_prefix|>")
        }
        let prefix = try words(gap.prefix, tokens)
        let suffix = try words(gap.suffix, tokens)
        let text = [tokens.prefix] + prefix + [tokens.suffix] + suffix + [tokens.middle]
        let start = try start()
        guard let files = gap.files else { return start + text }
        let limit = encoder.limits.tokens
        // The answer has what it asks for, but a quarter of all is enough.
        let room = max(0, limit - text.count - start.count - min(most, limit / 4))
        return start + (try ids(of: files, tokens, in: scope)).suffix(room) + text
    }

    /// The tokens of files in front of the one that has the gap. Without marks for them, there is a line between.
    private func ids(
        of files: [TextGap.File], _ tokens: GapTokens, in scope: RequestScope
    ) throws(PipelineError) -> [Int32] {
        var ids: [Int32] = []
        if let repository = tokens.repository { ids += [repository] + (try words("myproject\n", tokens)) }
        for file in files {
            try scope.check()
            if let mark = tokens.file {
                ids += [mark] + (try words(file.name + "\n", tokens))
            } else {
                ids += try words("\n\n--- snippet ---\n\n", tokens)
            }
            ids += try words(file.text, tokens)
        }
        if let mark = tokens.file { ids += [mark] + (try words("filename\n", tokens)) }
        return ids
    }

    private func words(_ text: String, _ tokens: GapTokens) throws(PipelineError) -> [Int32] {
        try encoder.encode(
            .prompt([PromptPiece(text, isTrusted: false)], tokens.control), truncation: nil, addSpecialTokens: false
        ).ids
    }

    /// The token with which the tokenizer begins a text, if it does.
    private func start() throws(PipelineError) -> [Int32] {
        let first = try encoder.encode(.text(""), truncation: nil).ids.first
        return first.map { $0 == encoder.tokenizer.bosTokenID ? [$0] : [] } ?? []
    }
}
