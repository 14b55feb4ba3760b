import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTestSupport
import Testing

/// A damaged checkpoint is refused or makes a model that runs; it never takes the process down.
@Suite struct DamagedCheckpointTests {
    private let directory: TemporaryDirectory
    private let cpu = makeCPU(threads: 1)

    init() throws { directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-one")) }

    /// Whether the checkpoint loads with this file in it. If it does, the model is run.
    private func survives(
        _ name: String, _ bytes: some Sequence<UInt8>, _ readout: Readout, _ random: inout SeededGenerator
    ) throws -> Bool {
        try directory.write(name, bytes)
        let model: any Model
        do {
            model = try load(directory.path, readout)
        } catch {
            #expect(error.description.hasPrefix(directory.path))
            return false
        }
        let tokens = model.limits.tokens
        let sequences = [1, min(5, tokens)].map { model.sequence(length: $0, &random) }
        let read = model.readouts(of: sequences, on: cpu)
        #expect(read.map(\.count) == sequences.map(\.ids.count))
        return true
    }

    private static let readouts: [Readout] = [.vocabularyLogits, .hiddenStates]

    @Test func everyByteOfTheHeader() throws {
        let whole = try directory.read("model.safetensors")
        let headerEnd = 8 + whole[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        var random = SeededGenerator(seed: 1)
        let plausible = Array("0123456789-[]{}\":,eEF.".utf8)
        var survivors = 0
        for index in 0..<headerEnd {
            let digit = plausible[Int.random(in: plausible.indices, using: &random)]
            for byte in [whole[index] ^ 1 << UInt8.random(in: 0..<8, using: &random), digit] {
                var bytes = whole
                bytes[index] = byte
                if try survives("model.safetensors", bytes, Self.readouts[index % 2], &random) { survivors += 1 }
            }
        }
        // What is left of the metadata's text, and what is of no use to one readout.
        #expect(survivors > 0 && survivors < headerEnd)
    }

    /// Weights may be any numbers, also none at all.
    @Test func anyBytesOfTheWeights() throws {
        let whole = try directory.read("model.safetensors")
        let headerEnd = 8 + whole[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        var random = SeededGenerator(seed: 2)
        for round in 0..<300 {
            var bytes = whole
            for _ in 0..<(1 << Int.random(in: 0...12, using: &random)) {
                bytes[Int.random(in: headerEnd..<bytes.count, using: &random)] =
                    round.isMultiple(of: 2) ? 0xFF : UInt8.random(in: 0...255, using: &random)
            }
            #expect(try survives("model.safetensors", bytes, Self.readouts[round % 2], &random))
        }
    }

    @Test func truncatedFiles() throws {
        var random = SeededGenerator(seed: 3)
        let whole = try directory.read("model.safetensors")
        for count in Array(0..<64) + stride(from: 64, to: whole.count, by: 41) + [whole.count - 1] {
            #expect(try !survives("model.safetensors", whole[..<count], .vocabularyLogits, &random), "\(count) bytes")
        }
        #expect(try !survives("model.safetensors", whole + [0], .vocabularyLogits, &random))
        #expect(try survives("model.safetensors", whole, .vocabularyLogits, &random))
        let config = try directory.read("config.json")
        // The last byte is a line's end.
        for count in 0..<config.count - 1 {
            #expect(try !survives("config.json", config[..<count], .vocabularyLogits, &random), "\(count) bytes")
        }
    }

    @Test func everyByteOfTheConfiguration() throws {
        let whole = try directory.read("config.json")
        var random = SeededGenerator(seed: 4)
        let plausible = Array("0123456789-[]{}\":,eE.".utf8)
        var survivors = 0
        for index in whole.indices {
            for round in 0..<3 {
                var bytes = whole
                bytes[index] =
                    round == 0
                    ? UInt8.random(in: 0...255, using: &random)
                    : plausible[Int.random(in: plausible.indices, using: &random)]
                if try survives("config.json", bytes, Self.readouts[round % 2], &random) { survivors += 1 }
            }
        }
        #expect(survivors > 100 && survivors < whole.count * 3 - 100)
    }
}
