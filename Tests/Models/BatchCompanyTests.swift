import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTestSupport
import Testing

/// A sequence's result is bit for bit the same whoever shares its batch, and on however many threads.
@Suite struct BatchCompanyTests {
    /// One each for every test: tests run side by side, and only one thread at a time may use a `CPU`.
    private let processors = [1, 2, 3].map { makeCPU(threads: $0) }

    @Test(arguments: try Fixtures.checkpoints().filter(Fixtures.hasLayers), Precision.allCases)
    func batchedEqualsAlone(checkpoint: String, precision: Precision) throws {
        for readout in Readout.allCases {
            do throws(CheckpointError) {
                let model = try load(Fixtures.checkpoint(checkpoint), readout, precision)
                check(model, readout)
            } catch {
                // Not every checkpoint has every head.
                #expect(error.code == .missingTensor && readout != .hiddenStates, "\(error)")
            }
        }
    }

    private func check(_ model: any Model, _ readout: Readout) {
        var random = SeededGenerator(seed: 1)
        var sequences: [ModelInput] = []
        for length in [1, model.limits.tokens]
            + (0..<4).map({ _ in Int.random(in: 1...model.limits.tokens, using: &random) })
        {
            let some = (0..<length).filter { _ in Bool.random(using: &random) }
            let rows = !readout.isOfSequences && length.isMultiple(of: 2) ? some : nil
            sequences.append(model.sequence(length: length, rows: rows, &random))
        }
        let alone = sequences.map { model.readouts(of: [$0], on: processors[0])[0] }
        #expect(alone.allSatisfy { $0.allSatisfy { $0.allSatisfy(\.isFinite) } })
        for cpu in processors {
            for _ in 0..<3 {
                // Other neighbours in another order; one may be there twice.
                let chosen =
                    sequences.indices.shuffled(using: &random).prefix(Int.random(in: 1...6, using: &random))
                    + [Int.random(in: sequences.indices, using: &random)]
                let together = model.readouts(of: chosen.map { sequences[$0] }, on: cpu)
                for (index, found) in zip(chosen, together) {
                    let isSame = Self.bits([found]) == Self.bits([alone[index]])
                    #expect(isSame, "sequence \(index) of \(chosen), \(cpu.threads) threads")
                }
            }
        }
    }

    private static func bits(_ sequences: [[[Float]]]) -> [[[UInt32]]] {
        sequences.map { $0.map { $0.map(\.bitPattern) } }
    }

    /// More rows than a head computes at one time, with gaps between them.
    @Test(arguments: Precision.allCases)
    func manyRows(precision: Precision) throws {
        let model = try load(Fixtures.checkpoint("bert-tiny"), .vocabularyLogits, precision)
        var random = SeededGenerator(seed: 2)
        let sequences = (0..<5).map { _ in model.sequence(length: model.limits.tokens, &random) }
        let alone = sequences.flatMap { model.readouts(of: [$0], on: processors[0]) }
        #expect(alone.map(\.count) == Array(repeating: model.limits.tokens, count: 5))
        let together = model.readouts(of: sequences, on: processors[1])
        let isSame = Self.bits(together) == Self.bits(alone)
        #expect(isSame)
        let odd = Array(stride(from: 1, to: model.limits.tokens, by: 2))
        let gaps = sequences.map { $0.reading(odd) }
        let found = model.readouts(of: gaps, on: processors[1])
        let isSameWithGaps = Self.bits(found) == Self.bits(alone.map { sequence in odd.map { sequence[$0] } })
        #expect(isSameWithGaps)
    }

    /// Batches of several groups, of which few, many or all rows are read.
    @Test(arguments: ["bert-tiny", "bert-odd"], Precision.allCases)
    func severalGroups(checkpoint: String, precision: Precision) throws {
        let model = try load(Fixtures.checkpoint(checkpoint), .hiddenStates, precision)
        var random = SeededGenerator(seed: 4)
        var sequences: [ModelInput] = []
        var tokens = 0
        while tokens < 2 * 1024 + 300 {
            let length = Int.random(in: 1...model.limits.tokens, using: &random)
            sequences.append(model.sequence(length: length, &random))
            tokens += length
        }
        let alone = sequences.map { model.readouts(of: [$0], on: processors[0])[0] }
        for cpu in processors {
            let isSame = Self.bits(model.readouts(of: sequences, on: cpu)) == Self.bits(alone)
            #expect(isSame, "\(cpu.threads) threads")
            for share in [0.02, 0.5, 0.98] {
                let some = sequences.map { sequence in
                    sequence.reading(
                        sequence.ids.indices.filter { _ in Double.random(in: 0..<1, using: &random) < share })
                }
                let expected = zip(some, alone).map { input, rows in
                    if case .someTokens(let tokens) = input.part { tokens.map { rows[$0] } } else { rows }
                }
                let isSameOfSome = Self.bits(model.readouts(of: some, on: cpu)) == Self.bits(expected)
                #expect(isSameOfSome, "\(cpu.threads) threads, \(share) of the rows")
            }
        }
    }

    /// A batch of sequences that are no numbers leaves nothing behind in the memory that the next one works in.
    @Test(arguments: ["bert-tiny", "bert-odd", "bert-odd-intermediate"], Precision.allCases)
    func nothingIsLeftBehind(checkpoint: String, precision: Precision) throws {
        let isOddInside = checkpoint == "bert-odd-intermediate"
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint(isOddInside ? "bert-odd" : checkpoint))
        let file = try SafetensorsFile(path: "\(directory.path)/model.safetensors")
        var entries: [Safetensors.Entry] = []
        for tensor in file.tensors {
            var (shape, bytes) = (tensor.shape, try tensor.bytes())
            // One neuron fewer, so that the rows between the two layers end within a unit.
            if isOddInside, tensor.name.contains("intermediate.dense") {
                bytes.removeLast(bytes.count / shape[0])
                shape[0] -= 1
            } else if isOddInside, tensor.name.contains("layer"), tensor.name.hasSuffix("output.dense.weight"),
                !tensor.name.contains("attention")
            {
                let row = bytes.count / shape[0]
                bytes = (0..<shape[0]).flatMap { bytes[$0 * row..<($0 + 1) * row - row / shape[1]] }
                shape[1] -= 1
            }
            // The token 1 is no number.
            if tensor.name.hasSuffix("word_embeddings.weight") {
                let row = bytes.count / shape[0]
                bytes.replaceSubrange(row..<2 * row, with: repeatElement(0xFF, count: row))
            }
            entries.append(.init(tensor.name, dtype: tensor.elementType.rawValue, shape: shape, bytes: bytes))
        }
        try directory.write("model.safetensors", Safetensors.file(entries))
        if isOddInside { try directory.configure("intermediate_size", .integer(99)) }
        let model = try load(directory.path, .hiddenStates, precision)
        var random = SeededGenerator(seed: 5)
        let clean = (0..<6).map { _ in
            ModelInput(
                ids: (0..<17).map { _ in Int32.random(in: 2..<300, using: &random) },
                typeIDs: Array(repeating: 0, count: 17), reading: .hiddenStates)
        }
        for cpu in processors {
            let expected = model.readouts(of: clean, on: cpu)
            let isFinite = expected.allSatisfy { $0.allSatisfy { $0.allSatisfy(\.isFinite) } }
            #expect(isFinite)
            let workspace = try model.workspace(tokens: 400, on: cpu)
            func run(_ inputs: [ModelInput]) throws -> [[Float]] {
                var batch = ModelBatch(for: model)
                for input in inputs { batch.append(input) }
                var rows: [[Float]] = []
                _ = try model.forward(batch, on: cpu, in: workspace, isWanted: { true }) {
                    _, readout in for row in 0..<readout.rows { rows.append(Array(readout.row(row))) }
                }
                return withExtendedLifetime(workspace) { rows }
            }
            for length in [40, 33, 7] {
                let poison = ModelInput(
                    ids: Array(repeating: 1, count: length), typeIDs: Array(repeating: 0, count: length),
                    reading: .hiddenStates)
                let poisoned = try run(Array(repeating: poison, count: 400 / length))
                let isNoNumber = poisoned.allSatisfy { $0.allSatisfy { !$0.isFinite } }
                #expect(isNoNumber)
                let isSame = Self.bits([try run(clean)]) == Self.bits([expected.flatMap { $0 }])
                #expect(isSame, "\(cpu.threads) threads, behind sequences of \(length)")
                // Also in the same batch.
                let mixed = try run([poison] + clean)
                let isSameBeside = Self.bits([Array(mixed.dropFirst(length))]) == Self.bits([expected.flatMap { $0 }])
                #expect(isSameBeside, "\(cpu.threads) threads, beside a sequence of \(length)")
            }
        }
    }

    @Test(arguments: [Readout.hiddenStates, .pooled, .vocabularyLogits])
    func nothingToRead(readout: Readout) throws {
        let model = try load(Fixtures.checkpoint(readout == .pooled ? "bert-encoder" : "bert-tiny"), readout)
        var random = SeededGenerator(seed: 3)
        let sequence = model.sequence(length: 3, rows: [], &random)
        #expect(model.readouts(of: [sequence, sequence], on: processors[1]) == [[], []])
    }
}
