import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

extension Model {
    /// Runs the sequences as one batch and gives each what was read out of its rows: `[sequences][rows][width]`.
    func readouts(of inputs: [ModelInput], on cpu: CPU) -> [[[Float]]] {
        var batch = PackedBatch()
        var rows: [Int] = []
        for input in inputs {
            rows += (input.rows ?? Array(input.ids.indices)).map { batch.tokens + $0 }
            batch.append(ids: input.ids, typeIDs: input.typeIDs)
        }
        var read: [[Float]] = []
        do {
            let workspace = try workspace(tokens: batch.tokens, on: cpu)
            let isDone = try withExtendedLifetime(workspace) {
                try forward(batch, rows: rows, on: cpu, in: workspace, isWanted: { true }) { range, readout in
                    #expect(range.lowerBound == read.count && readout.rows == range.count)
                    for row in 0..<readout.rows { read.append(Array(readout.row(row))) }
                }
            }
            #expect(isDone)
        } catch {
            Issue.record(error)
        }
        #expect(read.count == rows.count)
        var rest = read[...]
        return inputs.map { input in
            let count = input.rows?.count ?? input.ids.count
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
    }

    /// A sequence that the model can take.
    func sequence(length: Int, rows: [Int]? = nil, _ random: inout SeededGenerator) -> ModelInput {
        ModelInput(
            ids: (0..<length).map { _ in Int32.random(in: 0..<Int32(limits.vocabularySize), using: &random) },
            typeIDs: (0..<length).map { _ in Int32.random(in: 0..<Int32(limits.typeVocabularySize), using: &random) },
            rows: rows)
    }
}

extension Readout: CaseIterable, CustomTestStringConvertible {
    package static var allCases: [Readout] { [.hiddenStates, .pooled, .tokenLogits] }

    /// The name that tests show.
    public var testDescription: String {
        switch self {
        case .hiddenStates: "hidden states"
        case .pooled: "pooled"
        case .tokenLogits: "token logits"
        }
    }
}

extension TemporaryDirectory {
    /// Replaces one entry of config.json, or takes it out.
    func configure(_ key: String, _ value: JSONValue?) throws {
        let old = try JSONValue(parsing: try read("config.json")).object ?? JSONObject()
        var object = JSONObject(old.entries.filter { $0.key != key }.map { ($0.key, $0.value) })
        if let value { object.append(key, value) }
        var writer = JSONWriter()
        writer.value(.object(object))
        try write("config.json", writer.finish())
    }
}

/// Loads the checkpoint in a directory.
func load(
    _ directory: String, _ readout: Readout, _ precision: Precision = .float32, kernels: Kernels = .best
) throws(CheckpointError) -> any Model {
    try ModelRegistry.load(
        try Checkpoint(directory: directory), readout: readout,
        for: Engine(CPU(threads: 1, kernels: kernels), precision: precision))
}

extension Tensor {
    /// The elements' bytes.
    func bytes() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        try bytes.withUnsafeMutableBytes { try read(at: 0, into: $0) }
        return bytes
    }
}
