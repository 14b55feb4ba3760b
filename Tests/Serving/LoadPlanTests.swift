import PenstockCompute
import PenstockModels
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// What is known of a load's memory before it.
@Suite struct LoadPlanTests {
    private static func residentBytes(
        _ checkpoint: String, _ task: any TaskSteps.Type, _ dtype: DType = .float32
    ) throws -> Int {
        try LoadPlan(
            CheckpointFiles(directory: Fixtures.checkpoint(checkpoint)), for: [task],
            LoadOptions(dtype: dtype, checksItself: false), in: makeTurns(threads: 1)
        ).residentBytes
    }

    /// A layer of so many inputs and up to 64 outputs: a panel, and a bias for each output.
    private static func layer(inputs: Int, biases: Int) -> Int { 4 * (64 * inputs + biases) }

    @Test(arguments: [DType.float32, .bfloat16]) func theModulesOfSentencesCount(dtype: DType) throws {
        let layerNorm = 4 * 2 * 16
        // The last one adds what another layer makes of its input.
        let ofAnyOrder: [Int] = [
            Self.layer(inputs: 16, biases: 16), Self.layer(inputs: 16, biases: 20), layerNorm,
            Self.layer(inputs: 40, biases: 9), Self.layer(inputs: 40, biases: 0),
        ]
        let expected: [(String, Int)] = [
            ("st-mean", 0), ("st-dense-default", Self.layer(inputs: 32, biases: 20)), ("st-layernorm", layerNorm),
            ("st-any-order", ofAnyOrder.reduce(0, +)),
        ]
        for (checkpoint, bytes) in expected {
            let model = try Self.residentBytes(checkpoint, FeatureExtraction.self, dtype)
            let all = try Self.residentBytes(checkpoint, SentenceSimilarity.self, dtype)
            #expect(model > 0 && all - model == bytes, "\(checkpoint)")
        }
    }

    @Test func aLoadReservesThemToo() async throws {
        let ledger = MemoryLedger {
            MemoryLimit(.controlGroup, limit: 1 << 30, used: 0)
        } ownBytes: {
            0
        }
        let store = ModelStore(on: try Scheduler(threads: 1, ledger: ledger))
        // The arena is there with the first, so that the second takes its weights alone.
        let directory = Fixtures.checkpoint("st-dense-default")
        let first = try await store.load(
            ModelSource(name: "first", directory: directory, task: "feature-extraction", serving: .patient()))
        let before = ledger.bytesReserved
        let second = try await store.load(
            ModelSource(name: "second", directory: directory, task: "sentence-similarity", serving: .patient()))
        let planned = try Self.residentBytes("st-dense-default", SentenceSimilarity.self)
        #expect(ledger.bytesReserved - before == planned)
        withExtendedLifetime((first, second)) {}
    }
}
