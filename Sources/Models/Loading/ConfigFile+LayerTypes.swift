import PenstockCheckpoints
import PenstockJSON

/// A range of tokens that a layer sees, as `layer_types` names it.
enum AttentionType: String, Sendable, CaseIterable {
    case full = "full_attention"
    case sliding = "sliding_attention"
}

extension ConfigFile {
    /// Returns what each layer sees: `layer_types`, and if it is not there, what `fallback` has for the layer of a
    /// number.
    func layerTypes(
        layers: Int, fallback: (_ layer: Int) -> AttentionType
    ) throws(CheckpointError) -> [AttentionType] {
        guard let value = self["layer_types"] else { return (0..<layers).map(fallback) }
        let types = value.array?.compactMap { $0.string.flatMap(AttentionType.init) }
        guard let types, types.count == value.array?.count, types.count == layers else {
            let names = AttentionType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
            throw invalid("layer_types", value, "a list with \(names) for each of \(layers) layers")
        }
        return types
    }
}
