extension TextGeneration {
    /// Texts of which the best are told, at most for each prompt.
    static let mostDrawn = 128

    /// The best of the texts of a prompt: those whose tokens are the likeliest on average, the likeliest first; all of
    /// them as they are if no more were drawn than are told.
    func best(of texts: Output, _ plan: Plan) -> Output {
        guard texts.count > plan.told else { return texts }
        let means = texts.map { text in
            text.tokens.reduce(0) { $0 + Double($1.logprob ?? 0) } / Double(max(1, text.tokens.count))
        }
        let order = texts.indices.sorted { (means[$0], $1) > (means[$1], $0) }
        return order.prefix(plan.told).map { texts[$0] }
    }
}

extension GenerationSettings {
    /// Has more texts drawn for each prompt than are told.
    ///
    /// - Parameter count: how many are drawn; nil for those that are told
    /// - Returns: how many are told.
    /// - Throws: ``PipelineError`` if none is better than another, or fewer are drawn than are to be told.
    mutating func draw(best count: Int?) throws(PipelineError) -> Int {
        let told = numReturnSequences
        guard let count, count > 1 else { return told }
        func invalid(_ reason: String) -> PipelineError {
            PipelineError(.invalidParameter, "parameter best_of is \(count), but \(reason)")
        }
        guard numBeams == 1 else { throw invalid("a beam search finds the best; set num_beams to 1") }
        guard count >= told else { throw invalid("num_return_sequences is \(told)") }
        guard doSample else { throw invalid("without do_sample all texts are the same") }
        numReturnSequences = count
        return told
    }
}
