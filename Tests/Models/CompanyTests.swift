import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTestSupport
import Testing

/// A sequence's result is bit for bit the same whoever shares its batch, and on however many threads.
@Suite struct CompanyTests {
    /// One each for every test: tests run side by side, and only one thread at a time may use a `CPU`.
    private let processors = [1, 2].map { CPU(threads: $0) }

    @Test(arguments: try Fixtures.checkpoints(), Readout.allCases)
    func batchedEqualsAlone(checkpoint: String, readout: Readout) throws {
        let model: any Model
        do {
            model = try load(Fixtures.checkpoint(checkpoint), readout)
        } catch {
            // Not every checkpoint has every head.
            #expect(error.code == .missingTensor && readout != .hiddenStates, "\(error)")
            return
        }
        var random = SeededGenerator(seed: 1)
        var sequences: [ModelInput] = []
        for length in [1, model.limits.tokens]
            + (0..<4).map({ _ in Int.random(in: 1...model.limits.tokens, using: &random) })
        {
            let some = (0..<length).filter { _ in Bool.random(using: &random) }
            let rows = readout == .pooled ? [0] : length.isMultiple(of: 2) ? some : nil
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
    @Test func manyRows() throws {
        let model = try load(Fixtures.checkpoint("bert-tiny"), .tokenLogits)
        var random = SeededGenerator(seed: 2)
        let sequences = (0..<5).map { _ in model.sequence(length: model.limits.tokens, &random) }
        let alone = sequences.flatMap { model.readouts(of: [$0], on: processors[0]) }
        #expect(alone.map(\.count) == Array(repeating: model.limits.tokens, count: 5))
        let together = model.readouts(of: sequences, on: processors[1])
        let isSame = Self.bits(together) == Self.bits(alone)
        #expect(isSame)
        let odd = Array(stride(from: 1, to: model.limits.tokens, by: 2))
        let gaps = sequences.map { ModelInput(ids: $0.ids, typeIDs: $0.typeIDs, rows: odd) }
        let found = model.readouts(of: gaps, on: processors[1])
        let isSameWithGaps = Self.bits(found) == Self.bits(alone.map { sequence in odd.map { sequence[$0] } })
        #expect(isSameWithGaps)
    }

    @Test(arguments: Readout.allCases)
    func nothingToRead(readout: Readout) throws {
        let model = try load(Fixtures.checkpoint(readout == .pooled ? "bert-encoder" : "bert-tiny"), readout)
        var random = SeededGenerator(seed: 3)
        let sequence = model.sequence(length: 3, rows: [], &random)
        #expect(model.readouts(of: [sequence, sequence], on: processors[1]) == [[], []])
    }
}
