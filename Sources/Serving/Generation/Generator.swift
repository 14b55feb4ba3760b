import PenstockCompute
import PenstockModels
import PenstockPipelines

/// A model that generates, and its pages.
package struct Generator: Sendable {
    let model: DecoderModel
    let pool: PagePool

    /// - Throws: `ResourceError` if there is no memory for the pages.
    package init(_ model: DecoderModel, _ plan: KeyValuePlan, kernels: Kernels) throws(ResourceError) {
        self.model = model
        pool = try PagePool(model.pages, count: plan.pages, kernels: kernels)
    }

    /// Tokens that a text has at most: those that the model takes, and for which there are pages.
    var longestText: Int { min(model.limits.tokens, pool.count * PageShape.tokens) }

    /// Numbers of a row of logits.
    var outputs: Int { model.widths[.nextTokenLogits] ?? 0 }

    /// The costs of steps as they are known before the first: no pair of tokens costs more than so many times what its
    /// operations cost where tokens have theirs. Keys and values of next tokens come from the memory, with few
    /// operations for each byte.
    var unknownCosts: CostModel {
        let mostTimes = 32.0
        let cost = model.cost
        let pair = Double(cost.operationsPerPair + cost.operationsPerSeenPair)
        guard pair > 0, cost.operationsPerToken > 0 else { return CostModel() }
        return CostModel(mostTokensPerPair: mostTimes * pair / Double(cost.operationsPerToken))
    }

    /// Refuses a request for one of whose prompts there are never enough pages.
    func check(_ work: ModelWork) throws(PipelineError) {
        for (input, generation) in zip(work.sequences, work.generations) {
            let (prompt, settings) = (input.ids.count, generation.settings)
            guard prompt > longestText - settings.leastRoom || pages(prompt, settings) > pool.count else { continue }
            throw PipelineError(
                .inputTooLong,
                "the prompt has \(input.ids.count) tokens, but there is memory for the keys and values of "
                    + "\(pool.count * PageShape.tokens) tokens, those of the answer and of further texts or beams included; "
                    + "shorten it, or ask for fewer of those")
        }
    }

    /// Pages without which a text cannot begin, or in a beam search come to its end.
    private func pages(_ prompt: Int, _ settings: GenerationSettings) -> Int {
        guard settings.numBeams > 1 else {
            return PageShape.pages(for: prompt + settings.leastRoom) + settings.numReturnSequences - 1
        }
        let longest = settings.longest(promptLength: prompt, limit: longestText)
        return settings.numBeams * (PageShape.pages(for: longest) + 1)
    }
}

extension LoadedModel {
    /// The model, if it was loaded to generate.
    package var decoder: DecoderModel? {
        model.readouts.contains(.nextTokenLogits) ? model as? DecoderModel : nil
    }
}

extension DecoderModel {
    /// The memory that steps take.
    func stepCost(on cpu: CPU) -> WorkspaceCost {
        let few = StepRule().mostTokens
        func bytes(_ tokens: Int) -> Int { Workspace.bytes { layOut(stepTokens: tokens, on: cpu, in: $0) } }
        let perToken = (bytes(2 * few) - bytes(few)) / few + 1
        return WorkspaceCost(fixedBytes: max(0, bytes(few) - few * perToken) + perToken, bytesPerToken: perToken)
    }
}

extension WorkspacePlan {
    /// The memory in which the steps of a model work.
    ///
    /// - Throws: ``WorkspaceError`` if it does not suffice for a small step, and `TurnsEnded`.
    init(
        forStepsOf model: DecoderModel, _ configuration: ServingConfiguration, in turns: ComputeTurns,
        memory: MemoryLimit?
    ) throws {
        let cost = try turns.turn { model.stepCost(on: $0) }
        let wanted = configuration.gate.maxBatchTokens ?? StepRule().mostTokens
        try self.init(
            cost, wantedTokens: min(max(Self.fewestStepTokens, wanted), StepRule().mostTokens),
            minimumTokens: Self.fewestStepTokens, memory: memory)
    }

    private static let fewestStepTokens = 64
}
