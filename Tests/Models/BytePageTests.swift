import PenstockCompute
import PenstockModels
import PenstockTestSupport
import Testing

/// Keys and values that are stored as bytes.
@Suite struct BytePageTests {
    private static let names = ["llama", "bloom", "gemma2", "gemma3", "qwen3", "phi3-longrope"]

    private static func logits(
        _ name: String, _ precision: Precision, hasBytePages: Bool, kernels: Kernels = .best
    ) throws -> [[Float]] {
        var random = SeededGenerator(seed: 5)
        let runner = try DecoderRunner(
            DecoderRunner.model(
                of: Fixtures.path("decoders/\(name)"), .numbers(precision), hasBytePages: hasBytePages,
                kernels: kernels),
            kernels: kernels)
        let ids = runner.ids(min(200, runner.model.limits.tokens), &random)
        return try runner.logits(ids, chunks: [70, 1], of: runner.sequence(extent: ids.count))
    }

    /// The distance of two lists of rows, as a share of the first one's size.
    private static func distance(_ rows: [[Float]], _ others: [[Float]]) -> Double {
        let pairs = zip(rows.joined(), others.joined())
        let difference = pairs.reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        return (difference / rows.joined().reduce(0) { $0 + Double($1) * Double($1) }).squareRoot()
    }

    /// A key of 127 steps is inexact by 1/254 of its largest number at most, and so is what follows from it, about.
    @Test(arguments: names, [Precision.float32, .bfloat16])
    func closeToPagesOfNumbers(name: String, precision: Precision) throws {
        let numbers = try Self.logits(name, precision, hasBytePages: false)
        let bytes = try Self.logits(name, precision, hasBytePages: true)
        #expect(bytes.count == numbers.count)
        let distance = Self.distance(numbers, bytes)
        #expect(distance > 0 && distance < 0.04)
    }

    @Test(arguments: names) func instructionSetsAgree(name: String) throws {
        let best = try Self.logits(name, .float32, hasBytePages: true)
        for kernels in Kernels.available.dropFirst() {
            let found = try Self.logits(name, .float32, hasBytePages: true, kernels: kernels)
            #expect(Self.distance(best, found) < 2e-3, "\(kernels.name)")
        }
    }

    /// A byte instead of two or four, and two scales for each token and head.
    @Test(arguments: [(Precision.float32, 64), (.bfloat16, 64), (.bfloat16, 5), (.float32, 3)])
    func bytesTakeLessMemory(precision: Precision, headSize: Int) {
        let numbers = PageShape(layers: 3, heads: 2, headSize: headSize, precision: precision)
        let bytes = PageShape(layers: 3, heads: 2, headSize: headSize, precision: precision, hasBytes: true)
        let scales = 3 * 2 * 2 * PageShape.tokens * 4
        #expect((bytes.bytes - scales) * (precision == .float32 ? 4 : 2) == numbers.bytes)
        #expect(bytes.withoutBytes == numbers)
    }
}
