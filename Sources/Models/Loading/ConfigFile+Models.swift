import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

extension ConfigFile {
    /// The function that a key names, as in ``Activation/byName``.
    package func activation(_ key: String, default fallback: String) throws(CheckpointError) -> Activation {
        let name = try string(key) ?? fallback
        guard let activation = Activation.byName[name] else {
            throw invalid(key, .string(name), "one of \(Activation.byName.keys.sorted().joined(separator: ", "))")
        }
        return activation
    }

    /// A size under the first of two names that is there.
    func size(
        _ key: String, or other: String, default fallback: Int, atLeast least: Int = 1
    ) throws(CheckpointError) -> Int {
        try size(present(key, or: other), default: fallback, atLeast: least)
    }

    /// The first of two names of a key that is there; the first if none is.
    func present(_ key: String, or other: String) -> String { self[key] == nil && self[other] != nil ? other : key }

    /// Refuses a value of a key other than those that are supported, if it is there.
    func require(_ key: String, _ supported: [JSONValue], _ remedy: String) throws(CheckpointError) {
        if let value = self[key], !supported.contains(value) { throw unsupported(key, remedy) }
    }

    /// What the file says of angles: `rope_scaling` of old files, unless it is empty, and else `rope_parameters`.
    func angles() throws(CheckpointError) -> ConfigFile? {
        if let scaling = try section("rope_scaling"), !scaling.keys.isEmpty { return scaling }
        return try section("rope_parameters")
    }

    /// Heads that share a hidden state evenly.
    ///
    /// - Parameters:
    ///   - key, other: the names of their number
    ///   - hiddenSize: the name and the value of what they share
    func attentionShape(
        heads key: String, or other: String? = nil, default fallback: Int = 12,
        of hiddenSize: (name: String, value: Int)
    ) throws(CheckpointError) -> AttentionShape {
        let heads = try size(key, or: other ?? key, default: fallback)
        guard hiddenSize.value.isMultiple(of: heads) else {
            throw invalid(key, .integer(heads), "a divisor of \(hiddenSize.name), \(hiddenSize.value)")
        }
        let headSize = hiddenSize.value / heads
        return AttentionShape(heads: heads, headSize: headSize, scale: 1 / Float(headSize).squareRoot())
    }

    /// The outputs of a classification head: num_labels, else as many as there are labels, by default two.
    package func labelCount() throws(CheckpointError) -> Int {
        guard let labels = self["id2label"] else { return try size("num_labels", default: 2) }
        guard let count = labels.object?.entries.count, count > 0 else {
            throw invalid("id2label", labels, "an object with a name for each label")
        }
        return try size("num_labels", default: count)
    }
}
