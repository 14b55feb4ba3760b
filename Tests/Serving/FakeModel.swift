import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Synchronization

/// A model that tells back the ids that it is given, and does what they say.
final class FakeModel: Model {
    /// A sequence with this id makes its whole batch fail.
    static let poison: Int32 = 13
    /// A sequence with this id keeps the model busy until nobody wants its batch any more.
    static let endless: Int32 = 17

    struct Poisoned: Error {}

    let limits = ModelLimits(tokens: 64, vocabularySize: 100, typeVocabularySize: 1, hiddenSize: 1)
    let cost = ModelCost(weightBytes: 0, operationsPerToken: 1, operationsPerPair: 0)
    private let record = Mutex<[[Int32]]>([])

    /// The ids of each batch that was begun, after the warm-up.
    var batches: [[Int32]] { record.withLock { $0 } }

    func layOut(tokens: Int, on cpu: CPU, in workspace: Workspace) { _ = workspace.matrix(rows: tokens, columns: 1) }

    func forward(
        _ batch: PackedBatch, rows: [Int], on cpu: CPU, in workspace: Workspace, isWanted: () -> Bool,
        body: (Range<Int>, Matrix) -> Void
    ) throws -> Bool {
        workspace.reset()
        if batch.ids.contains(where: { $0 != 0 }) { record.withLock { $0.append(batch.ids) } }
        if batch.ids.contains(Self.poison) { throw Poisoned() }
        if batch.ids.contains(Self.endless) {
            while isWanted() {}
            return false
        }
        let output = workspace.matrix(rows: rows.count, columns: 1)
        for (index, row) in rows.enumerated() { output.row(index)[0] = Float(batch.ids[row]) }
        body(0..<rows.count, output)
        return true
    }
}

/// Ids in, one sequence each, and the same ids out.
struct EchoTask: PipelineTask {
    static let readout = Readout.hiddenStates

    init() {}
    init(_ resources: TaskResources) {}

    func preprocess(
        _ inputs: JSONValue, _ parameters: inout Parameters, in scope: RequestScope
    ) async throws(PipelineError) -> TaskRequest<Void> {
        let ids = inputs.array?.compactMap(\.integer) ?? []
        return TaskRequest(ids.map { ModelInput(ids: [Int32($0)], typeIDs: [0]) }, (), answerBytes: 24 * ids.count)
    }

    func read(
        _ rows: Matrix, of index: Int, _ question: Void, on cpu: CPU, into answer: inout Float?
    ) throws(PipelineError) {
        answer = rows.row(0)[0]
    }

    func postprocess(
        _ answers: [Float], _ question: Void, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        writer.value(answers)
    }
}

extension ModelWorker {
    /// A worker of a fake model.
    convenience init(_ model: FakeModel, _ change: (inout ServingConfiguration) -> Void = { _ in }) throws {
        var configuration = ServingConfiguration.patient(threads: 1)
        change(&configuration)
        try self.init(Pipeline(EchoTask(), named: "echo", model, name: "fake"), configuration)
    }

    /// The answer to a request of these ids, as ids.
    func echo(_ ids: [Int], within time: Duration = .seconds(3600)) async throws -> [Int] {
        let deadline = ContinuousClock.now + time
        let json = try await withDeadline(deadline) {
            try await self.answer(
                .array(ids.map(JSONValue.integer)), parameters: JSONObject(), for: Client(deadline: deadline)
            ).json
        }
        return try JSONValue(parsing: json).array?.compactMap(\.integer) ?? []
    }
}
