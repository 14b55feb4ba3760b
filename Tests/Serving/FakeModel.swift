import Glibc
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
    let widths: [Readout: Int] = [.hiddenStates: 0]
    let cost = ModelCost(weightBytes: 0, operationsPerToken: 1, operationsPerPair: 0)
    private let record = Mutex<[[Int32]]>([])
    private let memory: (any Sendable)?

    /// - Parameter memory: what is held as long as it is there
    init(holding memory: (any Sendable)? = nil) { self.memory = memory }

    /// The ids of each batch that was begun, after the warm-up.
    var batches: [[Int32]] { record.withLock { $0 } }

    func layOut(tokens: Int, on cpu: CPU, in workspace: Workspace) { _ = workspace.matrix(rows: tokens, columns: 1) }

    func forward(
        _ batch: ModelBatch, on cpu: CPU, in workspace: Workspace, isWanted: () -> Bool,
        body: (Range<Int>, Matrix) -> Void
    ) throws -> Bool {
        workspace.reset()
        let (batch, rows) = (batch.packed, batch.rows)
        if batch.ids.contains(where: { $0 != 0 }) { record.withLock { $0.append(batch.ids) } }
        if batch.ids.contains(Self.poison) { throw Poisoned() }
        if batch.ids.contains(Self.endless) {
            while isWanted() { usleep(500) }
            return false
        }
        let output = workspace.matrix(rows: rows.count, columns: 1)
        for (index, row) in rows.enumerated() { output.row(index)[0] = Float(batch.ids[row]) }
        body(0..<rows.count, output)
        return true
    }
}

/// Ids in, one sequence each, and the same ids out.
struct EchoTask: JSONForm {
    typealias Input = Int
    typealias Output = Float

    struct Options: TaskOptions {}

    static let readout = Readout.hiddenStates
    static let options = OptionTable<Options>([])
    static let schemas = TaskSchemas(input: .integer, output: .number)

    init() {}
    init(_ resources: TaskResources) {}

    func plan(_ options: Options, in scope: RequestScope) -> Options { options }

    func prepare(_ id: Int, _ options: Options, in scope: RequestScope) -> PreparedInput<Void> {
        PreparedInput([ModelInput(ids: [Int32(id)], typeIDs: [0], reading: Self.readout)], (), answerBytes: 24)
    }

    func read(
        _ rows: Matrix, of index: Int, _ question: Void, _ options: Options, on cpu: CPU, into reading: inout Float?
    ) {
        reading = rows.row(0)[0]
    }

    func output(
        _ readings: ArraySlice<Float>, _ question: Void, _ options: Options, in scope: RequestScope
    ) -> Float {
        readings[readings.startIndex]
    }

    static func input(_ value: JSONValue, named name: InputName, _ options: Options) -> Int { value.integer ?? 0 }

    static func write(_ id: Float, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope) {
        writer.value(id)
    }
}

extension ServedModel {
    /// Refuses requests, also those that wait.
    func stop() { scheduler.stop() }
}

extension ServedModel {
    /// A worker of a fake model.
    convenience init(
        _ model: FakeModel, named name: String = "fake", on scheduler: Scheduler? = nil,
        _ change: (inout ServingConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = ServingConfiguration.patient()
        change(&configuration)
        try self.init(
            JSONPipeline(EchoTask(), named: ["echo"], on: LoadedModel(model, name: name)), configuration,
            on: scheduler ?? Scheduler(threads: 1))
    }

    /// The answer to a request of these ids, as ids.
    func echo(
        _ ids: [Int], within time: Duration = .seconds(3600), of caller: Caller = .anybody
    ) async throws -> [Int] {
        let deadline = ContinuousClock.now + time
        let json = try await withDeadline(deadline) {
            try await self.answer(
                .array(ids.map(JSONValue.integer)), parameters: JSONObject(),
                for: Client(of: caller, deadline: deadline)
            ).result
        }
        return try JSONValue(parsing: json).array?.compactMap(\.integer) ?? []
    }
}
