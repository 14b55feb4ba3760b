import PenstockJSON

/// The settings of a model in a GGUF file, by the keys of its architecture.
struct GGUFSettings {
    /// The key-value pairs. Keys have dots in them: they are no paths.
    let metadata: ConfigFile
    /// The name of the architecture, with which its keys begin.
    let architecture: String
    /// The tensors by the names of the file.
    private let tensors: [String: Tensor]

    init(_ metadata: ConfigFile, architecture: String, tensors: [Tensor]) {
        (self.metadata, self.architecture) = (metadata, architecture)
        self.tensors = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
    }

    private func key(_ name: String) -> String { "\(architecture).\(name)" }

    /// Returns true if there is a tensor of this name.
    func hasTensor(_ name: String) -> Bool { tensors[name] != nil }

    /// The value of a key of the architecture.
    subscript(name: String) -> JSONValue? { metadata[key(name)] }

    /// A size.
    func size(_ name: String, default fallback: Int? = nil, atLeast least: Int = 1) throws(CheckpointError) -> Int {
        try metadata.size(key(name), default: fallback, atLeast: least)
    }

    /// A size that is one number, or a list that has the same for each layer.
    func sizeOfAllLayers(_ name: String, default fallback: Int? = nil) throws(CheckpointError) -> Int {
        guard let values = self[name]?.array else { return try size(name, default: fallback) }
        guard let first = values.first?.integer, first > 0, values.allSatisfy({ $0.integer == first }) else {
            throw metadata.unsupported(key(name), "all layers have to be alike")
        }
        return first
    }

    /// A finite number of at least 0; nil if there is none.
    func magnitude(_ name: String) throws(CheckpointError) -> Double? {
        self[name] == nil ? nil : try metadata.magnitude(key(name), default: 0)
    }

    /// A finite number of at least 0, which has to be there.
    func requiredMagnitude(_ name: String) throws(CheckpointError) -> Double {
        guard let number = try magnitude(name) else { throw missing(name) }
        return number
    }

    /// A truth value; nil if there is none.
    func flag(_ name: String) throws(CheckpointError) -> Bool? {
        self[name] == nil ? nil : try metadata.flag(key(name), default: false)
    }

    /// A string; nil if there is none.
    func string(_ name: String) throws(CheckpointError) -> String? { try metadata.string(key(name)) }

    /// The error of a key that has to be there.
    func missing(_ name: String) -> CheckpointError {
        CheckpointError(.invalidConfiguration, file: metadata.path, "has no \(key(name))")
    }

    /// The error of a value that is not supported.
    func unsupported(_ name: String, _ remedy: String) -> CheckpointError {
        metadata.unsupported(key(name), remedy)
    }

    /// The numbers of a vector, at most as many as a head has; nil if there is no such tensor.
    func numbers(ofTensor name: String) throws(CheckpointError) -> [Float]? {
        guard let tensor = tensors[name] else { return nil }
        let longest = 1 << 16
        guard tensor.shape.count == 1, let count = tensor.shape.first, count <= longest else {
            throw CheckpointError(
                .unfitTensor, file: tensor.file,
                "tensor \(name) has the shape \(tensor.shape), but has to be a vector of at most \(longest)")
        }
        return try tensor.floats(0..<count)
    }

    /// The rows of a table; nil if there is no such tensor.
    func rows(ofTensor name: String) -> Int? { tensors[name].flatMap { $0.shape.count == 2 ? $0.shape[0] : nil } }

    /// The rows of the table of words.
    var vocabularySize: Int? { rows(ofTensor: "token_embd.weight") }

    /// The id of a token that the file names; nil if it names none.
    func tokenID(_ name: String) throws(CheckpointError) -> Int? {
        let key = "tokenizer.ggml.\(name)_token_id"
        guard let value = metadata[key] else { return nil }
        // Writers put the largest number of 32 bits for none.
        if value == .integer(Int(UInt32.max)) || value == .integer(-1) { return nil }
        return try metadata.size(key, atLeast: 0)
    }

    /// Refuses settings of the architecture that are not honoured, and may change the answers.
    ///
    /// - Parameter honoured: the names of those that are
    func refuseOthers(than honoured: Set<String>) throws(CheckpointError) {
        let prefix = Array("\(architecture).".utf8)
        for key in metadata.keys where key.utf8.starts(with: prefix) {
            let name = String(decoding: key.utf8.dropFirst(prefix.count), as: UTF8.self)
            guard !honoured.contains(name), let value = metadata[key] else { continue }
            if Self.neutral.first(where: { $0.key == name })?.value.contains(value) ?? false { continue }
            if Self.notes.contains(name) { continue }
            throw metadata.unsupported(key, "models of the architecture \(architecture) are computed without it")
        }
    }

    /// Settings that say how a file was made, or that other values are the defaults of.
    private static let notes: Set<String> = [
        "rope.scaling.finetuned", "tensor_data_layout", "vocab_size",
    ]

    /// The values with which settings change nothing.
    private static let neutral: KeyValuePairs<String, [JSONValue]> = [
        "attention.causal": [.bool(true)], "expert_count": [.integer(0)], "expert_used_count": [.integer(0)],
        GGUFPooling.key: [.integer(0)], "logit_scale": [.double(1)], "attention.scale": [.double(0)],
    ]
}
