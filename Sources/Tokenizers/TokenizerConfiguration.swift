/// The settings of tokenizer_config.json beside the pipeline itself.
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
    /// The end at which texts are cut off, unless a caller says otherwise.
    public internal(set) var truncationSide = Truncation.Direction.right
    /// True if decoding takes the spaces away from before English punctuation and contractions.
    public internal(set) var cleanUpTokenizationSpaces = false
    /// True if it does so even where that destroys text.
    var cleansUpRegardless = false
    /// The inputs that the model wants: `input_ids`, `token_type_ids`, …; nil when the file does not say. Without
    /// `token_type_ids`, all tokens are of type 0.
    public internal(set) var modelInputNames: [String]?
    /// True if special tokens in texts are read as any other text.
    public internal(set) var splitSpecialTokens = false
    /// The contents of the added tokens that are control tokens of chats beside special ones; nil when the file does not
    /// say.
    var chatControlTokens: [String]?

    /// The named tokens by the names that they have in files, in upstream's order.
    static let namedTokens: KeyValuePairs<String, WritableKeyPath<TokenizerConfiguration, String?> & Sendable> = [
        "bos_token": \.bosToken, "eos_token": \.eosToken, "unk_token": \.unkToken, "sep_token": \.sepToken,
        "pad_token": \.padToken, "cls_token": \.clsToken, "mask_token": \.maskToken,
    ]

    /// The named tokens that there are, by their names in files: `bos_token`, ….
    package var specialTokens: [(name: String, token: String)] {
        Self.namedTokens.compactMap { name, path in self[keyPath: path].map { (name, $0) } }
    }

    /// Fills in the tokens that no file names, where a special token has the well-known name.
    ///
    /// - Parameter none: the tokens of which a file says that there are none, as in ``namedTokens``
    mutating func inferTokens(from specialTokens: [String], besides none: Set<String>) {
        let known = [
            "mask_token": ["[MASK]", "<mask>"], "pad_token": ["[PAD]", "<pad>"], "unk_token": ["[UNK]", "<unk>"],
            "cls_token": ["[CLS]", "<s>"], "sep_token": ["[SEP]", "</s>"],
        ]
        for (name, token) in Self.namedTokens where self[keyPath: token] == nil && !none.contains(name) {
            self[keyPath: token] = known[name]?.first(where: specialTokens.contains)
        }
    }
}
