import PenstockCompute
import PenstockModels
import PenstockPipelines

/// What a model needs of the memory beside its weights.
struct LoadNeeds {
    /// The memory in which its passes work.
    let passes: WorkspacePlan
    /// That of its warm-up; nil if there is none.
    let warmUp: WorkspacePlan?
    /// That of keys and values, of a model that generates.
    let keyValues: KeyValuePlan?

    /// - Parameter room: finds the memory that is left; nil for no limit
    /// - Throws: ``WorkspaceError`` if there is not enough, and `TurnsEnded`.
    init(
        _ plan: LoadPlan, _ serving: ServingConfiguration, on scheduler: Scheduler, room: () -> MemoryLimit?
    ) throws {
        let turns = scheduler.loadingTurns
        // Passes take turns in the arena, so that what it has already is there for this model, too. The warm-up does not:
        // others may compute between its turns. It does with less, or is left out.
        let shared = room()?.releasing(scheduler.arenaBytes)
        if let decoder = plan.decoder {
            passes = try WorkspacePlan(forStepsOf: decoder, serving, in: turns, memory: shared)
            warmUp = serving.warmsUp ? passes : nil
            keyValues = try KeyValuePlan(
                page: decoder.pages.bytes, longest: decoder.limits.tokens, wanted: serving.keyValueBytes,
                memory: room()?.taking(passes.bytes))
        } else {
            passes = try WorkspacePlan(for: plan.model, serving, in: turns, memory: shared)
            warmUp = serving.warmsUp ? WarmUp.plan(for: plan.model, passes, in: turns, memory: room()) : nil
            keyValues = nil
        }
    }
}
