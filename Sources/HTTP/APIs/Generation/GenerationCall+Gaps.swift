import PenstockPipelines

extension GenerationCall {
    /// Has texts that fill a gap end where the model has filled it.
    ///
    /// - Parameter field: the field that asks for it
    /// - Throws: `ClientError` if the model fills no gaps.
    mutating func settleGaps(on task: TextGeneration, field: String) throws(ClientError) {
        guard inputs.contains(where: { if case .gap = $0 { true } else { false } }) else { return }
        guard let ends = task.endsOfGaps else {
            throw ClientError(
                .invalidRequest,
                "\(field): the model fills no gaps: it has no tokens by which they are shown to it, such as "
                    + "<|fim_prefix|>", parameter: field)
        }
        // A text that does not end at its end tokens does not end at these.
        guard options.generation.eosTokenId != [] else { return }
        options.generation.stopTokenIds = (options.generation.stopTokenIds ?? []) + ends
    }
}
