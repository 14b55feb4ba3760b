import PenstockJSON

extension GenerationOptions {

    /// Sequences, and tokens in lists, at most: each is looked at in each step.
    private static let most = (entries: 10_000, stopStrings: 64, stopBytes: 1024)

    /// A text or a list of texts at which answers end; those of several options count together.
    static func stops(_ name: String, _ summary: String) -> TaskOption<Self> {
        let expected = "a string or a list of up to \(most.stopStrings) strings, each of 1 to \(most.stopBytes) bytes"
        let description = OptionDescription(
            name, .form(name: "string or array of strings", expected: expected), fallback: nil, summary)
        return TaskOption(description) { (value, prefix, options) throws(PipelineError) in
            var texts: [String] = []
            if let text = value.string {
                texts = [text]
            } else {
                texts = try description.strings(of: value, path: prefix)
            }
            guard texts.allSatisfy({ (1...most.stopBytes).contains($0.utf8.count) }), texts.count <= most.stopStrings
            else { throw description.mismatch(value, path: prefix) }
            options.stopStrings = (options.stopStrings ?? []) + texts
        }
    }

    static func id(
        _ name: String, _ path: WritableKeyPath<Self, Int32?> & Sendable, _ summary: String
    ) -> TaskOption<Self> {
        .form(name, path, type: "integer", expected: "the id of a token", summary) { $0.id }
    }

    static func ids(
        _ name: String, _ path: WritableKeyPath<Self, [Int32]?> & Sendable, _ summary: String
    ) -> TaskOption<Self> {
        let expected = "a list of up to \(most.entries) ids of tokens"
        return .form(name, path, type: "array of integers", expected: expected, summary) {
            $0.ids(atMost: most.entries)
        }
    }

    static func idOrIDs(
        _ name: String, _ path: WritableKeyPath<Self, [Int32]?> & Sendable, _ summary: String
    ) -> TaskOption<Self> {
        let expected = "the id of a token, or a list of up to 100 ids"
        return .form(name, path, type: "integer or array of integers", expected: expected, summary) { value in
            value.id.map { [$0] } ?? value.ids(atMost: 100)
        }
    }

    static func idLists(
        _ name: String, _ path: WritableKeyPath<Self, [[Int32]]?> & Sendable, _ summary: String
    ) -> TaskOption<Self> {
        .form(
            name, path, type: "array of arrays of integers",
            expected: "a list of lists of ids of tokens, none empty, of up to \(most.entries) ids", summary
        ) { $0.sequences(atMost: most.entries) { $0.ids(atMost: most.entries) } }
    }

    /// `[[[id, …], bias], …]`
    static let sequenceBias: TaskOption<Self> = .form(
        "sequence_bias", \.sequenceBias, type: "array of [array of integers, number]",
        expected: "a list of [list of ids of tokens, number], of up to \(most.entries) ids",
        "What is added to the score of the last token of a sequence."
    ) { value in
        guard let pairs = value.array, !pairs.isEmpty, pairs.count <= most.entries else { return nil }
        let sequences = JSONValue.array(pairs.map { $0.array?.first ?? .null })
        guard let ids = sequences.sequences(atMost: most.entries, { $0.ids(atMost: most.entries) }) else { return nil }
        let biases = pairs.compactMap { pair in pair.array?.count == 2 ? pair.array?[1].double : nil }
        guard biases.count == ids.count, !biases.contains(where: \.isNaN) else { return nil }
        // As in a dictionary of Python, the last of two entries for one sequence counts, at the place of the first.
        var entries: [SequenceBias] = []
        var places: [[Int32]: Int] = [:]
        for (tokens, bias) in zip(ids, biases) {
            if let known = places[tokens] {
                entries[known].bias = bias
            } else {
                places[tokens] = entries.count
                entries.append(SequenceBias(tokens: tokens, bias: bias))
            }
        }
        return entries
    }

    /// `{"id": bias, …}`
    static let logitBias: TaskOption<Self> = .form(
        "logit_bias", \.logitBias, type: "object of numbers",
        expected: "an object of up to \(most.entries) numbers from -100 to 100 by ids of tokens",
        "What is added to the score of a token."
    ) { value in
        guard let entries = value.object?.entries, entries.count <= most.entries else { return nil }
        var biases: [Int32: Double] = [:]
        for entry in entries {
            guard let id = Int32(entry.key), let bias = entry.value.double, abs(bias) <= 100 else { return nil }
            biases[id] = bias
        }
        return biases
    }

    /// `[start, factor]`
    static let exponentialDecay: TaskOption<Self> = .form(
        "exponential_decay_length_penalty", \.exponentialDecayLengthPenalty, type: "array of [integer, number]",
        expected: "[tokens from 0 on, factor above 0]", "Makes end tokens likelier with the length of an answer."
    ) { value in
        guard let pair = value.array, pair.count == 2, let start = pair[0].integer, let factor = pair[1].double,
            (0...Int(Int32.max)).contains(start), factor > 0, factor.isFinite
        else { return nil }
        return ExponentialDecay(start: start, factor: factor)
    }
}

extension JSONValue {
    /// The value as the id of a token, of whatever vocabulary.
    fileprivate var id: Int32? { integer.flatMap(Int32.init(exactly:)) }

    /// The value as a list of ids.
    fileprivate func ids(atMost most: Int) -> [Int32]? {
        guard let array, array.count <= most else { return nil }
        let ids = array.compactMap(\.id)
        return ids.count == array.count ? ids : nil
    }

    /// The value as a list of sequences that are not empty and have at most so many ids together.
    fileprivate func sequences(atMost most: Int, _ read: (JSONValue) -> [Int32]?) -> [[Int32]]? {
        guard let array, !array.isEmpty, array.count <= most else { return nil }
        var (sequences, left) = ([[Int32]](), most)
        for element in array {
            guard let ids = read(element), !ids.isEmpty, ids.count <= left else { return nil }
            left -= ids.count
            sequences.append(ids)
        }
        return sequences
    }
}
