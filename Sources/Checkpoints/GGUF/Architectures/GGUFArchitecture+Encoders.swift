import PenstockJSON

/// BERT and its relatives, whose tokens see each other.
extension GGUFArchitecture {
    /// Files of BERT have no pooler, and so no classifier that works.
    static let bert = GGUFArchitecture(
        name: "bert", modelType: "bert", modelClass: "BertModel", classifierClass: "BertForSequenceClassification",
        places: bertPlaces(["cls.output": "classifier", "cls": "pre_classifier"]), keys: encoderKeys,
        settings: { (file) throws(CheckpointError) in try bertSettings(file, positions: 0) })

    /// RoBERTa and its relatives have the same name, and are told by their tokenizers. Their positions begin with 0.
    static let roberta = GGUFArchitecture(
        name: "bert", modelType: "roberta", modelClass: "RobertaModel",
        classifierClass: "RobertaForSequenceClassification",
        fits: { !["bert", nil].contains($0.metadata["tokenizer.ggml.model"]?.string) },
        places: bertPlaces(
            ["cls.output": "classifier.out_proj", "cls": "classifier.dense"], positions: .positionsFromZero),
        keys: encoderKeys,
        settings: { (file) throws(CheckpointError) in try bertSettings(file, positions: file.positionOffset()) })

    static let nomicBert = GGUFArchitecture(
        name: "nomic-bert", modelType: "nomic_bert", modelClass: "NomicBertModel",
        places: encoderPlaces(
            ["token_embd_norm": "emb_ln"], layers: "encoder.layers.#",
            [
                "attn_qkv": "attn.Wqkv", "attn_output": "attn.out_proj", "attn_output_norm": "norm1",
                "ffn_up": "mlp.fc11", "ffn_gate": "mlp.fc12", "ffn_down": "mlp.fc2", "layer_output_norm": "norm2",
            ], areBiased: false),
        keys: encoderKeys.union(["rope.freq_base"]),
        settings: { (file) throws(CheckpointError) in
            try encoder(file) + [
                ("hidden_act", .string("silu")),
                ("max_position_embeddings", .integer(try file.size("context_length"))),
                ("rope_theta", .double(try file.magnitude("rope.freq_base") ?? 10_000)),
            ]
        })

    // MARK: What they share

    private static let encoderKeys: Set<String> = [
        epsilonKey, "attention.causal", GGUFPooling.key, "classifier.output_labels",
    ]

    /// - Parameter areBiased: whether layers have biases, beside their norms
    private static func encoderPlaces(
        _ places: [String: String], layers: String, _ ofLayers: [String: String], areBiased: Bool = true
    ) -> [String: Place] {
        var all = [
            "token_embd": Place(name: "embeddings.word_embeddings"),
            "token_types": Place(name: "embeddings.token_type_embeddings"),
        ]
        for (name, place) in places { all[name] = Place(name: place, hasBias: true) }
        for (name, place) in ofLayers {
            all["blk.#.\(name)"] = Place(
                name: "\(layers).\(place)", hasBias: areBiased || name.hasSuffix("norm"))
        }
        return all
    }

    private static func bertPlaces(_ head: [String: String], positions: Change? = nil) -> [String: Place] {
        var places = encoderPlaces(
            head.merging(["token_embd_norm": "embeddings.LayerNorm"]) { first, _ in first }, layers: "encoder.layer.#",
            [
                "attn_q": "attention.self.query", "attn_k": "attention.self.key", "attn_v": "attention.self.value",
                "attn_output": "attention.output.dense", "attn_output_norm": "attention.output.LayerNorm",
                "ffn_up": "intermediate.dense", "ffn_down": "output.dense", "layer_output_norm": "output.LayerNorm",
            ])
        places["position_embd"] = Place(name: "embeddings.position_embeddings", change: positions)
        return places
    }

    /// The sizes by the words of config.json, and the labels of a classifier.
    private static func encoder(_ file: GGUFSettings) throws(CheckpointError) -> [(String, JSONValue)] {
        guard try file.flag("attention.causal") != true else {
            throw file.unsupported("attention.causal", "tokens of encoders see each other")
        }
        return [
            ("hidden_size", .integer(try file.size("embedding_length"))),
            ("intermediate_size", .integer(try file.size("feed_forward_length"))),
            ("num_hidden_layers", .integer(try file.size("block_count", atLeast: 0))),
            ("num_attention_heads", .integer(try evenHeads(file))),
            ("layer_norm_eps", .double(try file.requiredMagnitude(epsilonKey))),
            ("type_vocab_size", .integer(file.rows(ofTensor: "token_types.weight") ?? 0)),
        ] + labels(file)
    }

    private static func labels(_ file: GGUFSettings) -> [(String, JSONValue)] {
        guard let outputs = file.rows(ofTensor: classifier) else { return [] }
        guard let names = file["classifier.output_labels"]?.array, names.count == outputs else {
            return [("num_labels", .integer(outputs))]
        }
        return [("id2label", .object(JSONObject(names.enumerated().map { ("\($0.offset)", $0.element) })))]
    }

    /// - Parameter offset: the number of the first position
    private static func bertSettings(
        _ file: GGUFSettings, positions offset: Int
    ) throws(CheckpointError) -> [(String, JSONValue)] {
        try encoder(file) + [
            ("hidden_act", .string("gelu")),
            ("max_position_embeddings", .integer(try file.size("context_length") + offset)),
        ]
    }
}

extension GGUFSettings {
    /// The number of the first position, which is the one behind that of the padding token.
    func positionOffset() throws(CheckpointError) -> Int { try tokenID("padding").map { $0 + 1 } ?? 2 }
}
