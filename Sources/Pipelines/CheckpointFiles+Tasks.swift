import PenstockCheckpoints
import PenstockCompute
import PenstockModels

extension CheckpointFiles {
    /// The names of the tasks that the checkpoint can do, known from the headers of its files.
    ///
    /// - Throws: `CheckpointError` for files that are no model of a supported architecture.
    package func supportedTasks(in turns: ComputeTurns) throws -> [String] {
        let heads = try heads(in: turns)
        return TaskRegistry.all.filter { canDo($0.type, heads) }.compactMap(\.names.first)
    }

    private func canDo(_ task: any TaskSteps.Type, _ heads: [Readout: Result<Void, CheckpointError>]) -> Bool {
        do {
            return try obstacle(to: task, heads) == nil && task.isMeant(for: self)
        } catch {
            return false
        }
    }

    /// The tasks that the checkpoint can do beside another one, by what is read out of the model for that one anyhow.
    ///
    /// - Throws: `CheckpointError` for files that are no model of a supported architecture.
    package func companions(of entry: TaskRegistry.Entry, in turns: ComputeTurns) throws -> [TaskRegistry.Entry] {
        let heads = try heads(in: turns)
        return TaskRegistry.all.filter {
            $0.type.readout == entry.type.readout && $0.names != entry.names && canDo($0.type, heads)
        }
    }

    /// Refuses tasks that the checkpoint cannot do, before anything is loaded.
    ///
    /// - Throws: ``PipelineError`` that names the tasks that it can do, and `CheckpointError` for damaged files.
    package func require(_ tasks: [any TaskSteps.Type], in turns: ComputeTurns) throws {
        let heads = try heads(in: turns)
        for task in tasks {
            guard let obstacle = try obstacle(to: task, heads) else { continue }
            let supported = try supportedTasks(in: turns)
            throw PipelineError(
                .unsupportedTask,
                "the checkpoint \(name) cannot do \(TaskRegistry.name(of: task)): \(obstacle); it can do: "
                    + (supported.isEmpty ? "nothing" : supported.joined(separator: ", ")))
        }
    }

    /// Returns why the checkpoint cannot do a task; nil if it can.
    ///
    /// - Throws: `CheckpointError` for a head that is there but damaged.
    private func obstacle(
        to task: any TaskSteps.Type, _ heads: [Readout: Result<Void, CheckpointError>]
    ) throws -> String? {
        if scoring != nil, task.readout == .sequenceLogits {
            guard task == TextRanking.self else {
                return "its module \(LogitScore.kind) makes a score of a query and a text, for text-ranking"
            }
        } else if let other = otherHead(than: task.readout) {
            return "it is a \(other)"
        }
        if case .failure(let error)? = heads[task.readout] {
            guard error.code == .missingTensor else { throw error }
            return error.message
        }
        return try task.obstacle(in: self)
    }

    /// The architecture whose head was trained for something else, though its tensors may have the same names.
    private func otherHead(than readout: Readout) -> String? {
        let heads: KeyValuePairs<Readout, String> = [
            .sequenceLogits: "ForSequenceClassification", .tokenLogits: "ForTokenClassification",
            .spanLogits: "ForQuestionAnswering", .nextTokenLogits: "ForCausalLM",
        ]
        let architectures = checkpoint.config["architectures"]?.array?.compactMap(\.string) ?? []
        func named(_ end: String) -> String? { architectures.first { $0.hasSuffix(end) } }
        guard let own = heads.first(where: { $0.key == readout }), named(own.value) == nil else { return nil }
        return heads.lazy.compactMap { named($0.value) }.first
    }
}
