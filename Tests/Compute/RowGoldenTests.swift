import Foundation
import PenstockCompute
import PenstockTestSupport
import Testing

/// What `scripts/row_operations.py` recorded from NumPy.
private struct RowGoldens: Decodable, Sendable {
    struct Rotation: Decodable {
        let pairing: String
        let headSize: Int
        let pairs: Int
        let theta: Float
        let positions: [Int32]
        let input: [Float]
        let output: [Float]
    }
    struct Gate: Decodable {
        let activation: String
        let activated: String
        let columns: Int
        let input: [Float]
        let output: [Float]
    }
    struct Norm: Decodable {
        let kind: String
        let epsilon: Float
        let columns: Int
        let weight: [Float]?
        let bias: [Float]?
        let input: [Float]
        let output: [Float]
    }
    struct Buckets: Decodable {
        let count: Int
        let maxDistance: Int
        let isBidirectional: Bool
        let first: Int
        let buckets: [Int]
    }
    struct Attention: Decodable {
        let name: String
        let heads: Int
        let headSize: Int
        let scale: Float
        let weights: [Float]
        let queries: [Float]
        let keys: [Float]
        let values: [Float]
        let output: [Float]
    }
    let rotations: [Rotation]
    let gates: [Gate]
    let norms: [Norm]
    let buckets: [Buckets]
    let slopes: [[Float]]
    let attention: [Attention]
}

@Suite struct RowGoldenTests {
    private static let recorded = Result {
        let bytes = try Fixtures.bytes(atPath: Fixtures.path("row_operations.json"))
        return try JSONDecoder().decode(RowGoldens.self, from: Data(bytes))
    }

    private let goldens: RowGoldens
    private let cpu = makeCPU(threads: 1)

    init() throws { goldens = try Self.recorded.get() }

    private func expect(_ found: [Float], _ golden: [Float], within tolerance: Float, _ what: String) {
        #expect(found.count == golden.count, "\(what)")
        #expect(zip(found, golden).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }, "\(what)")
    }

    @Test func rotations() throws {
        #expect(!goldens.rotations.isEmpty)
        for golden in goldens.rotations {
            let table = try RotaryTable(
                frequencies: RotaryTable.frequencies(theta: golden.theta, size: 2 * golden.pairs), positions: 8192)
            withWorkspace { workspace in
                let rows = golden.positions.count
                let matrix = workspace.matrix(rows: rows, columns: golden.input.count / rows, golden.input)
                cpu.rotate(
                    matrix, positions: golden.positions[...], table, headSize: golden.headSize,
                    pairing: golden.pairing == "halves" ? .halves : .neighbours)
                // A frequency's last bit turns the pair by 8191·2⁻²⁴ at the last position.
                expect(matrix.values, golden.output, within: 1.5e-3, "\(golden.pairing), \(golden.headSize)")
                let near = golden.input.count / rows * 4
                expect(Array(matrix.values[..<near]), Array(golden.output[..<near]), within: 8e-6, golden.pairing)
            }
        }
    }

    @Test func gates() {
        #expect(!goldens.gates.isEmpty)
        for golden in goldens.gates {
            withWorkspace { workspace in
                let rows = golden.input.count / golden.columns / 2
                let input = workspace.matrix(rows: rows, columns: 2 * golden.columns, golden.input)
                let output = workspace.matrix(rows: rows, columns: golden.columns)
                cpu.gate(
                    input, activation: Activation.byName[golden.activation] ?? .none,
                    activated: golden.activated == "first" ? .first : .second, into: output)
                expect(output.values, golden.output, within: 1e-6, golden.activation)
            }
        }
    }

    @Test func norms() {
        #expect(!goldens.norms.isEmpty)
        for golden in goldens.norms {
            withWorkspace { workspace in
                let rows = golden.input.count / golden.columns
                let matrix = workspace.matrix(rows: rows, columns: golden.columns, golden.input)
                if golden.kind == "layer" {
                    let norm = LayerNorm(weight: golden.weight, bias: golden.bias, epsilon: golden.epsilon)
                    cpu.layerNorm(matrix, norm, into: matrix)
                } else {
                    let addsOne = golden.kind == "rms+1"
                    let norm = RMSNorm(weight: golden.weight, addsOne: addsOne, epsilon: golden.epsilon)
                    cpu.rmsNorm(matrix, norm, into: matrix)
                }
                expect(matrix.values, golden.output, within: 1e-6, golden.kind)
            }
        }
    }

    @Test func relativePositions() {
        #expect(!goldens.buckets.isEmpty && !goldens.slopes.isEmpty)
        for golden in goldens.buckets {
            let buckets = RelativeBuckets(
                count: golden.count, maxDistance: golden.maxDistance, isBidirectional: golden.isBidirectional)
            let found = golden.buckets.indices.map { buckets.bucket(of: golden.first + $0) }
            #expect(found == golden.buckets)
        }
        for golden in goldens.slopes {
            expect(ALiBi.slopes(heads: golden.count), golden, within: 1e-7, "\(golden.count) heads")
        }
    }

    @Test func attention() throws {
        #expect(goldens.attention.count == 3)
        for golden in goldens.attention {
            let buckets = RelativeBuckets(count: 32, maxDistance: 128, isBidirectional: true)
            let (terms, visibility): (ScoreTerms, Visibility) =
                switch golden.name {
                case "buckets":
                    (.byDistance(DistanceTable(golden.weights, heads: golden.heads, buckets: buckets)), .everything)
                case "window": (.none, .window(before: 3, behind: 3))
                default: (.alibi(ALiBi(slopes: ALiBi.slopes(heads: golden.heads), measure: .position)), .past)
                }
            let width = golden.heads * golden.headSize
            let count = golden.queries.count / width
            let shape = AttentionShape(heads: golden.heads, headSize: golden.headSize, scale: golden.scale)
            let rows = (0..<count).map { row in
                [golden.queries, golden.keys, golden.values].flatMap { $0[row * width..<(row + 1) * width] }
            }
            var sample = AttentionSample(shape, lengths: [count], rows: rows)
            (sample.terms, sample.visibility) = (terms, visibility)
            for kernels in Kernels.available {
                let found = sample.run(on: makeCPU(threads: 1, kernels: kernels))
                expect(found, golden.output, within: 4e-6, golden.name)
            }
        }
    }
}
