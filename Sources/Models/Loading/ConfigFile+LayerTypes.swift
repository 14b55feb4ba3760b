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

    /// Checks that this object, which says how positions turn queries and keys, has the form that a family reads; in
    /// another it would not count.
    ///
    /// - Parameter byType: true if it has an object for each type of layer, and false if it is for all layers
    /// - Throws: an error that names a key of the other form.
    func checkRotaryForm(byType: Bool) throws(CheckpointError) {
        let types = AttentionType.allCases.map(\.rawValue)
        for key in keys where self[key] != nil && types.contains(key) != byType {
            throw unsupported(
                key,
                byType
                    ? "each type of layer has its own: write it into \(types.joined(separator: " and "))"
                    : "all layers have the same: write what is in it in its stead")
        }
    }
}
