/// What tokenizer_config.json says beside the pipeline itself.
public struct TokenizerConfiguration: Sendable, Equatable {
    /// The token that a masked language model fills in.
    public internal(set) var maskToken: String?
    /// The token that fills up short sequences of a batch.
    public internal(set) var padToken: String?
    /// The token for what the vocabulary cannot express.
    public internal(set) var unkToken: String?
    /// The token whose output stands for the whole sequence.
    public internal(set) var clsToken: String?
    /// The token between and after texts.
    public internal(set) var sepToken: String?
    /// The token that begins a sequence.
    public internal(set) var bosToken: String?
    /// The token that ends a sequence.
    public internal(set) var eosToken: String?
    /// Most tokens that the model takes; nil when there is no limit, or none is known.
    public internal(set) var modelMaxLength: Int?
    /// Whether decoding takes the spaces away from before English punctuation and contractions.
    public internal(set) var cleanUpTokenizationSpaces = false
    /// Whether it does so even where that destroys text.
    var cleansUpRegardless = false
    /// The inputs that the model wants: `input_ids`, `token_type_ids`, …; nil when the file does not say.
    public internal(set) var modelInputNames: [String]?

    /// The named tokens by the names that they have in files, in upstream's order.
    static let namedTokens: KeyValuePairs<String, WritableKeyPath<TokenizerConfiguration, String?> & Sendable> = [
        "bos_token": \.bosToken, "eos_token": \.eosToken, "unk_token": \.unkToken, "sep_token": \.sepToken,
        "pad_token": \.padToken, "cls_token": \.clsToken, "mask_token": \.maskToken,
    ]

    /// Fills in the tokens that no file names, where a special token has the well-known name.
    mutating func inferTokens(from specialTokens: [String]) {
        let known: KeyValuePairs<WritableKeyPath<TokenizerConfiguration, String?>, [String]> = [
            \.maskToken: ["[MASK]", "<mask>"], \.padToken: ["[PAD]", "<pad>"], \.unkToken: ["[UNK]", "<unk>"],
            \.clsToken: ["[CLS]", "<s>"], \.sepToken: ["[SEP]", "</s>"],
        ]
        for (token, names) in known where self[keyPath: token] == nil {
            self[keyPath: token] = names.first(where: specialTokens.contains)
        }
    }
}
