import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTestSupport
import Testing

/// A decoder with pages, and a processor of its own.
final class DecoderRunner {
    /// An item of a step.
    typealias Item = (sequence: DecoderSequence, ids: [Int32], reading: DecoderStep.Reading)

    let model: DecoderModel
    let pool: PagePool
    private let cpu: CPU
    private let workspace: Workspace
    private let step = DecoderStep()

    /// The most tokens of a step.
    static let mostTokens = 1200

    init(_ model: DecoderModel, threads: Int = 1, pages: Int = 64, kernels: Kernels = .best) throws {
        self.model = model
        pool = try PagePool(model.pages, count: pages, kernels: kernels)
        let cpu = makeCPU(threads: threads, kernels: kernels)
        self.cpu = cpu
        workspace = try Workspace { model.layOut(stepTokens: Self.mostTokens, on: cpu, in: $0) }
    }

    convenience init(
        _ checkpoint: String, _ precision: Precision = .float32, threads: Int = 1, pages: Int = 64,
        kernels: Kernels = .best
    ) throws {
        try self.init(
            Self.model(checkpoint, precision, kernels: kernels), threads: threads, pages: pages, kernels: kernels)
    }

    static func model(
        _ checkpoint: String, _ precision: Precision = .float32, kernels: Kernels = .best
    ) throws -> DecoderModel {
        try model(of: Fixtures.path("decoders/\(checkpoint)"), .numbers(precision), kernels: kernels)
    }

    static func model(
        of directory: String, _ format: WeightFormat, hasBytePages: Bool = false, kernels: Kernels = .best
    ) throws -> DecoderModel {
        try ModelRegistry.loadDecoder(
            try Checkpoint(directory: directory),
            for: LoadTarget(
                makeTurns(threads: 1, kernels: kernels), format: format, hasBytePages: hasBytePages))
    }

    func sequence(extent: Int) throws -> DecoderSequence {
        DecoderSequence(rotation: try model.rotation(extent: extent))
    }

    /// Runs items as one step.
    ///
    /// - Returns: the logits of each one's rows; nil if the step was ended between two layers.
    func run(_ items: [Item], layersWanted: Int = .max) -> [[[Float]]]? {
        step.removeAll()
        for item in items {
            #expect(item.sequence.reserve(item.ids.count, in: pool))
            step.append(item.sequence, ids: item.ids, reading: item.reading)
        }
        var read: [[Float]] = []
        var asked = 0
        let isDone = model.forward(
            step, in: pool, on: cpu, in: workspace,
            isWanted: {
                asked += 1
                return asked <= layersWanted
            },
            body: { range, logits in
                #expect(range.lowerBound == read.count && logits.rows == range.count)
                for row in 0..<logits.rows { read.append(Array(logits.row(row))) }
            })
        guard isDone else { return nil }
        return step.rowEnds.indices.map { Array(read[($0 == 0 ? 0 : step.rowEnds[$0 - 1])..<step.rowEnds[$0]]) }
    }

    /// The logits of all tokens of a new sequence that comes in chunks of these sizes, the last one again and again.
    func logits(
        _ ids: [Int32], chunks: [Int], of sequence: DecoderSequence
    ) throws -> [[Float]] {
        var (rows, start, index) = ([[Float]](), 0, 0)
        while start < ids.count {
            let end = min(ids.count, start + chunks[min(index, chunks.count - 1)])
            rows += try #require(run([(sequence, Array(ids[start..<end]), .from(0))]))[0]
            (start, index) = (end, index + 1)
        }
        return rows
    }

    /// Random tokens.
    func ids(_ count: Int, _ random: inout SeededGenerator) -> [Int32] {
        (0..<count).map { _ in Int32.random(in: 0..<Int32(model.limits.vocabularySize), using: &random) }
    }

    /// What is in the pages of a sequence.
    func bytes(of sequence: DecoderSequence) -> [[UInt8]] { sequence.pages.map { pool.bytes(of: $0) } }
}
