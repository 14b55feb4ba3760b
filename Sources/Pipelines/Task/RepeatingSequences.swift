import PenstockModels
import PenstockTokenizers

/// Sequences of an input that have a text in common, and so may be far larger together than what the client sent.
struct RepeatingSequences {
    private(set) var inputs: [ModelInput] = []
    /// Bytes that they take until they are computed.
    private(set) var bytes = 0

    private static let bytesPerToken = 2 * MemoryLayout<Int32>.stride
    private static let bytesPerSequence = 256

    mutating func append(_ encoding: Encoding, reading readout: Readout, of part: ModelInput.Part) {
        inputs.append(ModelInput(ids: encoding.ids, typeIDs: encoding.typeIDs, reading: readout, of: part))
        bytes += Self.bytesPerSequence + encoding.count * Self.bytesPerToken
        if case .someTokens(let tokens) = part { bytes += tokens.count * MemoryLayout<Int>.stride }
    }
}
