import PenstockCheckpoints
import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTestSupport
import Testing

@Suite struct ModelLoadingTests {
    /// A key of config.json of `bert-tiny`, a value that makes no model, and what the message has to say.
    static let configurations: [(key: String, value: JSONValue?, message: String)] = [
        ("model_type", nil, "has no model_type; supported are: "),
        ("model_type", .string("mamba"), "the model_type mamba is not supported; supported are: "),
        ("model_type", .integer(7), "model_type is 7, but has to be a string"),
        ("hidden_act", .string("gelu_9"), "hidden_act is \"gelu_9\", but has to be one of gelu, gelu_accurate, "),
        ("num_attention_heads", .integer(3), "num_attention_heads is 3, but has to be a divisor of hidden_size, 32"),
        ("num_attention_heads", .integer(0), "num_attention_heads is 0, but has to be an integer from 1 to "),
        (
            "position_embedding_type", .string("relative_key"),
            "position_embedding_type is \"relative_key\", but has to be \"absolute\""
        ),
        ("is_decoder", .bool(true), "is_decoder is true, but has to be false: "),
        ("layer_norm_eps", .double(-1), "layer_norm_eps is -1.0, but has to be a number of at least 0"),
        ("tie_word_embeddings", .string("no"), "tie_word_embeddings is \"no\", but has to be true or false"),
        ("vocab_size", .integer(-1), "vocab_size is -1, but has to be an integer from 1 to "),
    ]

    @Test(arguments: configurations)
    func configurationFaultsNameTheKey(key: String, value: JSONValue?, message: String) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-tiny"))
        try directory.configure(key, value)
        let error = #expect(throws: CheckpointError.self) { try load(directory.path, .vocabularyLogits) }
        #expect(error?.code == .invalidConfiguration && error?.file == "\(directory.path)/config.json")
        #expect(error?.message.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test func unsupportedModelsListTheSupported() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-tiny"))
        try directory.configure("model_type", .string("mamba"))
        let error = #expect(throws: CheckpointError.self) { try load(directory.path, .vocabularyLogits) }
        let listed = error?.message.split(separator: "supported are: ").last?.split(separator: ", ")
        #expect(listed?.contains("bert") == true)
    }

    /// Sizes in config.json that are not those of the tensors.
    @Test(arguments: [
        ("vocab_size", 399), ("hidden_size", 30), ("hidden_size", 64), ("intermediate_size", 65),
        ("max_position_embeddings", 512),
        ("type_vocab_size", 3), ("num_hidden_layers", 3), ("hidden_size", 2_097_150), ("num_hidden_layers", 2_000_000),
    ])
    func sizesAreThoseOfTheTensors(key: String, size: Int) throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-tiny"))
        try directory.configure(key, .integer(size))
        let error = #expect(throws: CheckpointError.self) { try load(directory.path, .vocabularyLogits) }
        #expect(
            error?.code == (key == "num_hidden_layers" ? .missingTensor : .unfitTensor), "\(String(describing: error))")
        // Of the head, which is loaded first, or of the encoder.
        let named = ["tensor bert.", "tensor cls.predictions."].contains { error?.message.hasPrefix($0) == true }
        #expect(named, "\(String(describing: error))")
    }

    @Test func everyTensorIsNeededAndChecked() throws {
        let source = Fixtures.checkpoint("bert-one")
        let tensors = try SafetensorsFile(path: "\(source)/model.safetensors").tensors
        let entries = try tensors.map {
            Safetensors.Entry($0.name, dtype: $0.elementType.rawValue, shape: $0.shape, bytes: try $0.bytes())
        }
        #expect(entries.count > 20)
        let directory = try TemporaryDirectory(copyOf: source)
        let path = "\(directory.path)/model.safetensors"
        for (index, tensor) in tensors.enumerated() {
            var missing = entries
            missing.remove(at: index)
            try directory.write("model.safetensors", Safetensors.file(missing))
            let error = #expect(throws: CheckpointError.self) { try load(directory.path, .vocabularyLogits) }
            #expect(error?.code == .missingTensor)
            // Of a tensor that had several names over time, the newest is named.
            let name = tensor.name == "cls.predictions.bias" ? "cls.predictions.decoder.bias" : tensor.name
            #expect(error?.description == "\(path): tensor \(name) of shape \(tensor.shape) is missing")

            for (dtype, shape) in [("F32", tensor.shape + [1]), ("F32", [1] + tensor.shape), ("I32", tensor.shape)] {
                var unfit = entries
                unfit[index] = Safetensors.Entry(
                    tensor.name, dtype: dtype, shape: shape, bytes: try tensor.bytes())
                try directory.write("model.safetensors", Safetensors.file(unfit))
                let error = #expect(throws: CheckpointError.self) { try load(directory.path, .vocabularyLogits) }
                #expect(error?.code == .unfitTensor)
                #expect(
                    error?.description.hasPrefix("\(path): tensor \(tensor.name) ") == true,
                    "\(String(describing: error))")
            }
        }
    }

    // MARK: Names and ties

    /// LayerNorm.gamma and beta of old files are weight and bias.
    @Test func oldNames() throws {
        let source = Fixtures.checkpoint("bert-tiny")
        let tensors = try SafetensorsFile(path: "\(source)/model.safetensors").tensors
        let renamed = try tensors.map { tensor in
            let name = tensor.name.replacing("LayerNorm.weight", with: "LayerNorm.gamma").replacing(
                "LayerNorm.bias", with: "LayerNorm.beta")
            return Safetensors.Entry(
                name, dtype: tensor.elementType.rawValue, shape: tensor.shape, bytes: try tensor.bytes())
        }
        let directory = try TemporaryDirectory(copyOf: source)
        try directory.write("model.safetensors", Safetensors.file(renamed))
        let (new, old) = (try load(source, .vocabularyLogits), try load(directory.path, .vocabularyLogits))
        var random = SeededGenerator(seed: 1)
        let sequence = new.sequence(length: 9, &random)
        let cpu = makeCPU(threads: 1)
        #expect(old.readouts(of: [sequence], on: cpu) == new.readouts(of: [sequence], on: cpu))
    }

    @Test func untiedDecodersHaveToBeThere() throws {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-tiny"))
        try directory.configure("tie_word_embeddings", .bool(false))
        let error = #expect(throws: CheckpointError.self) { try load(directory.path, .vocabularyLogits) }
        #expect(error?.code == .missingTensor)
        #expect(error?.message == "tensor cls.predictions.decoder.weight of shape [400, 32] is missing")
        #expect(throws: Never.self) { try load(directory.path, .hiddenStates) }
    }

    @Test func headsAreLoadedOnlyWhenRead() throws {
        let error = #expect(throws: CheckpointError.self) { try load(Fixtures.checkpoint("bert-tiny"), .pooled) }
        #expect(error?.message.hasPrefix("tensor bert.pooler.dense.weight of shape ") == true)
        let headless = #expect(throws: CheckpointError.self) {
            try load(Fixtures.checkpoint("bert-encoder"), .vocabularyLogits)
        }
        #expect(headless?.message.hasPrefix("tensor cls.predictions.transform.dense.weight of shape ") == true)
    }
}
