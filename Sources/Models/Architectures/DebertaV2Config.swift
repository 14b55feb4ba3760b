import PenstockCheckpoints
import PenstockCompute
import PenstockJSON

/// config.json, with the defaults of `DebertaV2Config`.
struct DebertaV2Config: Sendable {
    /// The settings that other families have, too.
    let bert: BertConfig
    let shape: EncoderShape
    /// True if places have embeddings, as in BERT.
    let positionBiasedInput: Bool
    /// Nil if scores do not depend on distances.
    let distances: Distances?
    let poolerHiddenAct: Activation
    /// True if the masked-language-model head is BERT's.
    let isLegacy: Bool

    /// The terms that scores have of the distances of tokens.
    struct Distances: Sendable {
        /// Half of the rows of the table of distances.
        let span: Int
        let buckets: SignedBuckets
        let hasNorm: Bool
        /// True if distances are projected by the layers that make queries and keys.
        let sharesKeys: Bool
        /// True if there are products of queries with position keys, `c2p`, and of keys with position queries, `p2c`.
        let hasKeys: Bool
        let hasQueries: Bool
    }

    init(_ file: ConfigFile) throws(CheckpointError) {
        bert = try BertConfig(
            file,
            defaults: BertConfig.Defaults(
                vocabSize: 128_100, hiddenSize: 1536, layers: 24, attentionHeads: 24, intermediateSize: 6144,
                typeVocabSize: 0, leastTypes: 0, layerNormEps: 1e-7),
            furtherKeys: [
                "relative_attention", "max_relative_positions", "position_biased_input", "pooler_hidden_act", "legacy",
            ])
        try Self.refuseOtherLayers(file, bert)
        positionBiasedInput = try file.flag("position_biased_input", default: true)
        poolerHiddenAct = try file.activation("pooler_hidden_act", default: "gelu")
        isLegacy = try file.flag("legacy", default: true)
        let kinds = try Self.kinds(file)
        let (hasKeys, hasQueries) = (kinds.contains("c2p"), kinds.contains("p2c"))
        // Each kind makes scores larger, also in a model that has not learnt any.
        let attention = bert.shape.attention
        let summands = 1 + (hasKeys ? 1 : 0) + (hasQueries ? 1 : 0)
        shape = EncoderShape(
            hiddenSize: bert.shape.hiddenSize, layers: bert.shape.layers,
            attention: AttentionShape(
                heads: attention.heads, headSize: attention.headSize,
                scale: 1 / Float(attention.headSize * summands).squareRoot()),
            intermediateSize: bert.shape.intermediateSize)
        guard try file.flag("relative_attention", default: false) else {
            distances = nil
            return
        }
        let reach = try Self.positive("max_relative_positions", file) ?? bert.maxPositionEmbeddings
        let count = try Self.positive("position_buckets", file)
        if let count, count < 2 || reach - 1 <= count / 2 {
            throw file.invalid(
                "position_buckets", .integer(count), "at least 2 and less than twice max_relative_positions - 1")
        }
        distances = Distances(
            span: count ?? reach, buckets: count.map { SignedBuckets(count: $0, maxDistance: reach) } ?? .none,
            hasNorm: Self.names(try file.string("norm_rel_ebd") ?? "none").contains("layer_norm"),
            sharesKeys: try file.flag("share_att_key", default: false), hasKeys: hasKeys, hasQueries: hasQueries)
    }

    private static func names(_ text: String) -> [String] {
        text.lowercased().split(separator: "|").map { String($0.filter { $0 != " " }) }
    }

    /// `pos_att_type`, a list or, in old files, a text.
    private static func kinds(_ file: ConfigFile) throws(CheckpointError) -> [String] {
        switch file["pos_att_type"] {
        case nil: return []
        case .string(let text): return names(text)
        case let value?:
            guard let kinds = value.array?.compactMap(\.string), kinds.count == value.array?.count else {
                throw file.invalid("pos_att_type", value, "a list of \"c2p\" and \"p2c\"")
            }
            return kinds
        }
    }

    /// A size; nil if there is none, or less than 1.
    private static func positive(_ key: String, _ file: ConfigFile) throws(CheckpointError) -> Int? {
        if case .integer(let number) = file[key], number < 1 { return nil }
        return file.has(key) ? try file.size(key) : nil
    }

    private static func refuseOtherLayers(_ file: ConfigFile, _ bert: BertConfig) throws(CheckpointError) {
        let (hiddenSize, attention) = (bert.shape.hiddenSize, bert.shape.attention)
        try file.require("conv_kernel_size", [.integer(0)], "layers with a convolution are not supported")
        try file.require("embedding_size", [.integer(hiddenSize)], "it has to be hidden_size")
        try file.require("pooler_hidden_size", [.integer(hiddenSize)], "it has to be hidden_size")
        try file.require(
            "attention_head_size", [.integer(attention.headSize)], "it has to be hidden_size / num_attention_heads")
    }
}
