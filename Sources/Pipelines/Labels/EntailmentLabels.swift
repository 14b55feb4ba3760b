import PenstockCheckpoints
import PenstockJSON
import PenstockModels

/// The outputs of a model for natural language inference that say that a text entails a hypothesis, and that it
/// contradicts it.
struct EntailmentLabels: Sendable {
    let entailment: Int
    let contradiction: Int
    /// True if a name says which output is that of entailment.
    let isNamed: Bool

    /// As upstream: entailment is the first label of `label2id` that begins like it, else the last output; contradiction is
    /// the first output, or the last one where that is entailment.
    ///
    /// - Throws: `CheckpointError` if the label's id is none of an output.
    init(_ config: ConfigFile) throws(CheckpointError) {
        let count = try config.labelCount()
        let named = try Self.named(config, count)
        isNamed = named != nil
        entailment = named ?? count - 1
        contradiction = named == 0 ? count - 1 : 0
    }

    private static func named(_ config: ConfigFile, _ count: Int) throws(CheckpointError) -> Int? {
        let names = try LabelNames(config)
        guard names.areNamed, let entries = config["label2id"]?.object?.entries else {
            return (0..<count).first { isEntailment(names[$0]) }
        }
        guard let entry = entries.first(where: { isEntailment($0.key) }) else { return nil }
        guard case .integer(let id) = entry.value, (0..<count).contains(id) else {
            throw config.invalid("label2id", entry.value, "an id from 0 to \(count - 1) for each label")
        }
        return id
    }

    private static func isEntailment(_ label: String) -> Bool {
        label.lowercased().utf8.starts(with: "entail".utf8)
    }
}
