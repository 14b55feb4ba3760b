import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

extension Model {
    /// Runs the sequences as one batch and gives each what was read out of its rows: `[sequences][rows][width]`.
    func readouts(of inputs: [ModelInput], on cpu: CPU) -> [[[Float]]] {
        var batch = ModelBatch(for: self)
        for input in inputs { batch.append(input) }
        var read: [[Float]] = []
        do {
            let workspace = try workspace(tokens: batch.packed.tokens, on: cpu)
            let isDone = try withExtendedLifetime(workspace) {
                try forward(batch, on: cpu, in: workspace, isWanted: { true }) { range, readout in
                    #expect(range.lowerBound == read.count && readout.rows == range.count)
                    for row in 0..<readout.rows { read.append(Array(readout.row(row))) }
                }
            }
            #expect(isDone)
        } catch {
            Issue.record(error)
        }
        #expect(read.count == batch.rows.count)
        return batch.rowEnds.indices.map { sequence in
            Array(read[(sequence == 0 ? 0 : batch.rowEnds[sequence - 1])..<batch.rowEnds[sequence]])
        }
    }

    /// The one readout that the model was loaded for.
    var readout: Readout { readouts.first ?? .hiddenStates }

    /// A sequence that the model can take.
    ///
    /// - Parameter rows: the tokens to read; nil for all, or for the sequence as a whole
    func sequence(length: Int, rows: [Int]? = nil, _ random: inout SeededGenerator) -> ModelInput {
        ModelInput(
            ids: (0..<length).map { _ in Int32.random(in: 0..<Int32(limits.vocabularySize), using: &random) },
            typeIDs: (0..<length).map { _ in Int32.random(in: 0..<Int32(limits.typeVocabularySize), using: &random) },
            reading: readout,
            of: rows.map(ModelInput.Part.someTokens) ?? (readout.isOfSequences ? .sequence : .tokens))
    }
}

extension ModelInput {
    /// The same sequence, of which other tokens are read.
    func reading(_ tokens: [Int]) -> ModelInput {
        ModelInput(ids: ids, typeIDs: typeIDs, reading: readout, of: .someTokens(tokens))
    }
}

extension Readout: CustomTestStringConvertible {
    /// The name that tests show.
    public var testDescription: String { rawValue }
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
        try Checkpoint(directory: directory), readouts: [readout],
        for: LoadTarget(makeTurns(threads: 1, kernels: kernels), precision: precision))
}

extension Tensor {
    /// The elements' bytes.
    func bytes() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        try bytes.withUnsafeMutableBytes { try read(at: 0, into: $0) }
        return bytes
    }
}
