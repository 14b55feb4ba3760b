import PenstockPipelines

extension ServedModel {
    /// Begins to answer a request that generates.
    ///
    /// - Parameter prepare: checks and tokenizes the request
    /// - Returns: the pieces of its answer, and what was prepared.
    package func stream<Prepared: PreparedWork>(
        texts: TextSize, for client: Client, in memory: MemoryBudget = .unlimited,
        prepare: @Sendable (RequestScope) async throws(PipelineError) -> Prepared
    ) async throws -> (GenerationStream, Prepared) {
        let admitted = try await admit(texts: texts, for: client, in: memory, prepare: prepare)
        return (try stream(admitted, for: client, within: configuration.streamTimeout), admitted.prepared)
    }

    /// - Parameter longestStream: how long all that follows the first token may take; nil for an answer that is told as
    ///   a whole, by the deadline of its client
    private func stream<Prepared>(
        _ admitted: Admitted<Prepared>, for client: Client, within longestStream: Duration?
    ) throws -> GenerationStream {
        guard let generator else {
            throw PipelineError(.unsupportedTask, "the model does not generate texts")
        }
        let work = admitted.prepared.work
        let request = GenerationRequest(
            work, to: number, limit: generator.longestText, outputs: generator.outputs,
            longestStream: longestStream, lookup: configuration.lookup, of: client)
        return GenerationStream(
            request, promptTokens: work.tokens, mostGenerated: mostGenerated(work), to: self, admitted.taken,
            holding: admitted.reservation)
    }

    /// Returns what was generated for the sequences of a request, the times that it took, and what is told of it.
    func generated<Prepared>(
        by admitted: Admitted<Prepared>, for client: Client
    ) async throws -> ([ModelWork.Reading], RequestTiming, GenerationFacts?) {
        let stream = try stream(admitted, for: client, within: nil)
        let texts = try await stream.texts(of: admitted.prepared.work.sequences.count)
        return (texts.map { ModelWork.Reading($0) }, stream.timing, stream.facts)
    }

    /// Tokens that a request generates at most.
    func mostGenerated(_ work: ModelWork) -> Int {
        guard let generator else { return 0 }
        return zip(work.sequences, work.generations).reduce(0) { sum, item in
            let prompt = item.0.ids.count
            return sum + item.1.settings.longest(promptLength: prompt, limit: generator.longestText) - prompt
        }
    }

    /// Tokens that a text has at most together with its prompt; nil for a model that does not generate.
    package var longestText: Int? { generator?.longestText }

    /// The pages of its keys and values, and how many are free for texts to begin; nil if it does not generate.
    package var keyValuePages: (count: Int, free: Int)? {
        generator.map { ($0.pool.count, scheduler.read { $0.freePages(number) } ?? $0.pool.count) }
    }
}
