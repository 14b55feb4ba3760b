import Foundation
import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

/// Decoders in GGUF files: what `transformers` computes with the model that a file was made of or, where it is packed, with
/// the numbers that blocks stand for.
@Suite struct GGUFGoldenTests {
    static let names: [String] = {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: Fixtures.path("gguf"))) ?? []
        return all.filter { !$0.contains(".") }.sorted()
    }()

    @Test func thereAreSome() { #expect(Self.names.count >= 17) }

    /// Blocks computed as blocks are close to their numbers, and the planned model has their size.
    @Test(arguments: Kernels.available)
    func blocks(kernels: Kernels) throws {
        let folder = Fixtures.path("gguf/llama-packed")
        let exact = try DecoderRunner(DecoderRunner.model(of: folder, .numbers(.float32), kernels: kernels))
        let model = try DecoderRunner.model(of: folder, .blocksOfFile(else: .float32), kernels: kernels)
        let packed = try DecoderRunner(model, kernels: kernels)
        let ids = (0..<40).map { Int32($0 * 7 % 32) }
        func logits(_ runner: DecoderRunner) throws -> [[Float]] {
            let sequence = try runner.sequence(extent: ids.count)
            return try #require(runner.run([(sequence, ids, .from(0))]))[0]
        }
        let (found, expected) = (try logits(packed), try logits(exact))
        func dot(_ x: [Float], _ y: [Float]) -> Double { zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        for (a, b) in zip(found, expected) { #expect(dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot() > 0.99) }
        #expect(found != expected)
        // The largest blocks are of 8.5 bits.
        #expect(model.cost.weightBytes * 32 < 9 * exact.model.cost.weightBytes)
        let count = WeightCount()
        let planned = try ModelRegistry.loadDecoder(
            try Checkpoint(directory: folder),
            for: LoadTarget(makeTurns(threads: 1), format: .blocksOfFile(else: .float32), plan: count))
        #expect(planned.cost.weightBytes == model.cost.weightBytes && planned.headCost == model.headCost)
        #expect(count.bytes >= model.cost.weightBytes + model.headCost.bytes)
    }

    /// The numbers of each kind of block in panels are those that the `gguf` package decodes.
    @Test func panelsOfEachKind() throws {
        let goldens = try SafetensorsFile(path: Fixtures.path("gguf/blocks.safetensors")).tensors
        let cpu = makeCPU(threads: 1)
        var kinds = 0
        for tensor in try GGUFFile(path: Fixtures.path("gguf/blocks.gguf")).tensors {
            guard let stored = tensor.blocks, let golden = goldens.first(where: { $0.name == tensor.name }) else {
                continue
            }
            kinds += 1
            let form = BlockForm(
                bits: stored.form.bits, hasHalves: stored.form.hasHalves, hasOffsets: stored.form.hasOffsets,
                zero: stored.form.zero, values: stored.form.values)
            let (rows, columns) = (tensor.shape[0], tensor.shape[1])
            let blocks = WeightBlocks(form) { try stored.read($0, $1) }
            let matrix = WeightMatrix(element: .float32, rows: rows, columns: columns, blocks: blocks) {
                try tensor.read(at: $0, into: $1)
            }
            let layer = try Linear([matrix], format: .blocksOfFile(else: .float32), in: ComputeTurns(cpu))
            let workspace = try Workspace { _ = $0.matrix(rows: rows, columns: columns) }
            let output = workspace.matrix(rows: rows, columns: columns)
            cpu.embed(Array(0..<Int32(rows))[...], layer, into: output)
            let numbers = try golden.bytes().withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            for row in 0..<rows {
                let expected = numbers[row * columns..<(row + 1) * columns]
                // Scales that are products have one rounding more; those of other rows do not count.
                let largest = expected.map(\.magnitude).max() ?? 0
                for (a, b) in zip(output.row(row), expected) {
                    #expect(abs(a - b) <= 0x1p-10 * largest, "\(tensor.name)")
                }
            }
        }
        #expect(kinds == 12)
    }

    @Test(arguments: names)
    func logits(name: String) throws {
        let folder = Fixtures.path("gguf/\(name)")
        let checkpoint = try Checkpoint(directory: folder)
        let model = try ModelRegistry.loadDecoder(checkpoint, for: LoadTarget(makeTurns(threads: 1)))
        let runner = try DecoderRunner(model)
        for golden in try #require(try Fixtures.json("\(folder)/golden.json")["cases"]?.array) {
            let ids = try #require(golden["input_ids"]?.array).map { Int32(try #require($0.integer)) }
            let rows = try #require(golden["rows"]?.array).map { try #require($0.integer) }
            let sequence = try runner.sequence(extent: ids.count)
            let found = try #require(runner.run([(sequence, ids, .some(rows))]))
            let document = JSONValue.array(found[0].map { .array($0.map { .double(Double($0)) }) })
            let difference = document.difference(
                from: try #require(golden["logits"]), relative: 0, absolute: 1e-4)
            #expect(difference == nil, "\(ids.count) tokens")
            sequence.releaseAll(in: runner.pool)
        }
    }
}
