/// The class of `transformers` that reads a checkpoint's tokenizer, and what it makes of a tokenizer.json.
struct TokenizerClass {
    /// Its name without `Fast`; nil where neither tokenizer_config.json nor the model's type tells.
    let name: String?
    /// config.json, if there is one.
    private let config: Field?

    /// Classes that build BERT's normalizer out of flags of tokenizer_config.json.
    private static let bertClasses: Set = [
        "BertTokenizer", "ConvBertTokenizer", "DPRContextEncoderTokenizer", "DPRQuestionEncoderTokenizer",
        "DistilBertTokenizer", "FunnelTokenizer", "MPNetTokenizer", "MobileBertTokenizer", "SplinterTokenizer",
        "SqueezeBertTokenizer",
    ]

    /// Classes that are written in Python and do not read tokenizer.json.
    private static let pythonClasses: Set = [
        "BartphoTokenizer", "BertGenerationTokenizer", "BertJapaneseTokenizer", "BertTokenizerLegacy",
        "BertweetTokenizer", "BioGptTokenizer", "BlenderbotSmallTokenizer", "ByT5Tokenizer", "CTRLTokenizer",
        "CanineTokenizer", "ClvpTokenizer", "CpmAntTokenizer", "CpmTokenizer", "DiaTokenizer", "EsmTokenizer",
        "FSMTTokenizer", "FastSpeech2ConformerTokenizer", "FlaubertTokenizer", "GPTNeoXJapaneseTokenizer",
        "GPTSw3Tokenizer", "M2M100Tokenizer", "MarianTokenizer", "MgpstrTokenizer", "MyT5Tokenizer",
        "PLBartTokenizer", "PerceiverTokenizer", "PhobertTokenizer", "Pop2PianoTokenizer", "ProphetNetTokenizer",
        "RoCBertTokenizer", "SiglipTokenizer", "Speech2TextTokenizer", "SpeechT5Tokenizer", "TapasTokenizer",
        "VitsTokenizer", "Wav2Vec2CTCTokenizer", "Wav2Vec2PhonemeCTCTokenizer", "XLMTokenizer",
    ]

    /// Model types whose own class is BERT's.
    private static let bertModelTypes: Set = [
        "bert", "convbert", "distilbert", "electra", "mobilebert", "nomic_bert", "squeezebert",
    ]

    /// The classes of other model types.
    private static let classesOfModelTypes = [
        "albert": "AlbertTokenizer", "camembert": "CamembertTokenizer", "deberta-v2": "DebertaV2Tokenizer",
        "mpnet": "MPNetTokenizer", "roberta": "RobertaTokenizer", "xlm-roberta": "XLMRobertaTokenizer",
    ]

    /// Classes that give the model the numbers of segments; others do if they are told to, whatever tokenizer.json numbers.
    private static let classesWithTypes: Set = [
        "BertTokenizer", "ConvBertTokenizer", "DPRContextEncoderTokenizer", "DPRQuestionEncoderTokenizer",
        "DPRReaderTokenizer", "DebertaTokenizer", "DebertaV2Tokenizer", "ElectraTokenizer", "FNetTokenizer",
        "LayoutLMTokenizer", "LayoutLMv2Tokenizer", "LxmertTokenizer", "MarkupLMTokenizer", "MobileBertTokenizer",
        "SqueezeBertTokenizer",
    ]

    /// Of BERT's classes, those that lay out texts otherwise.
    private static let classesOfOtherLayout: Set = ["FunnelTokenizer", "MPNetTokenizer", "SplinterTokenizer"]

    /// True if it builds the normalizer of BERT by itself.
    private var isBert: Bool { name.map(Self.bertClasses.contains) ?? false }

    /// True if config.json is Mistral's of before version 5 of `transformers`, where `fix_mistral_regex` counts.
    var isEarlyMistral: Bool { Self.isEarlyMistral(config) }

    /// True if it takes tokenizer.json as it is.
    var isGeneric: Bool {
        name.map { $0 == "TokenizersBackend" || $0.hasPrefix("PreTrainedTokenizer") } ?? true
    }

    /// Reads tokenizer_config.json, or else config.json.
    ///
    /// - Throws: ``TokenizerError`` with code `unsupported` for a class that does not read tokenizer.json.
    init(_ main: Field, in directory: TokenizerDirectory) throws(TokenizerError) {
        let config = try directory.document(of: "config.json")
        self.config = config
        let text = { (field: Field) throws(TokenizerError) in try field.string() }
        guard
            let field = [main["tokenizer_class"], config?["tokenizer_class"]].compactMap(\.self).first(where: \.exists)
        else {
            let type = try config?["model_type"].optional(text) ?? ""
            name = Self.bertModelTypes.contains(type) ? "BertTokenizer" : Self.classesOfModelTypes[type]
            return
        }
        var name = try field.string()
        if name.hasSuffix("Fast") { name.removeLast(4) }
        guard !Self.pythonClasses.contains(name) else {
            throw field.unsupported(
                "\"\(name)\" does not read tokenizer.json, but is code of its own, which is not here; "
                    + "if tokenizer.json does the same, let the class be \"PreTrainedTokenizerFast\"")
        }
        self.name = name
    }

    /// Changes the stages of tokenizer.json that settings of tokenizer_config.json replace. Where it says nothing, the
    /// file stands, other than upstream, where the defaults of the class would.
    func apply(
        _ main: Field, unknownToken: String?, to pipeline: inout TokenizerPipeline, of file: Field
    ) throws(TokenizerError) {
        try checkStages(main, of: file)
        guard isBert, var model = pipeline.model as? WordPiece else { return }
        if let normalizer = try BertNormalizer(main, insteadOf: file["normalizer"]) { pipeline.normalizer = normalizer }
        if let unknownToken {
            model.unknown = UnknownToken(unknownToken, file: main.file, in: model.vocabulary)
            pipeline.model = model
        }
    }

    /// The post-processor, if it is that of BERT, with the tokens that the configuration names.
    ///
    /// - Parameters:
    ///   - main: tokenizer_config.json
    ///   - tokenID: the id of a token
    /// - Throws: an error that names a token which another class would put around texts, and tokenizer.json does not.
    func postProcessor(
        insteadOf processor: (any PostProcessor)?, _ configuration: TokenizerConfiguration, _ main: Field,
        tokenID: (String) -> Int32?
    ) throws(TokenizerError) -> (any PostProcessor)? {
        let own = processor?.process([Encoding()], addSpecialTokens: true).flatMap(\.ids) ?? []
        guard own.count == 2, let name else { return processor }
        guard isBert, !Self.classesOfOtherLayout.contains(name) else {
            for (key, id) in zip(outerTokens, own) {
                guard let token = configuration.specialTokens.first(where: { $0.name == key })?.token,
                    let named = tokenID(token), named != id
                else { continue }
                throw main[key].unsupported(
                    "\"\(token)\" is not what the post_processor of tokenizer.json puts around texts; "
                        + "make the two agree")
            }
            return processor
        }
        let cls = configuration.clsToken.flatMap(tokenID) ?? own[0]
        let sep = configuration.sepToken.flatMap(tokenID) ?? own[1]
        return own == [cls, sep] ? processor : TemplateProcessing(cls: cls, sep: sep)
    }

    /// The inputs that the class gives to the model where `model_input_names` does not say; nil for all.
    var modelInputNames: [String]? {
        name.map(Self.classesWithTypes.contains) == false ? ["input_ids", "attention_mask"] : nil
    }

    /// The padding token that tokenizer.json names, for a class without one of its own.
    func padToken(_ file: Field) throws(TokenizerError) -> String? {
        guard !isBert else { return nil }
        return try file["padding"]["pad_token"].optional { (field) throws(TokenizerError) in try field.string() }
    }
}

extension BertNormalizer {
    /// The normalizer by the flags of tokenizer_config.json; nil if it has none.
    ///
    /// - Parameter field: the normalizer of tokenizer.json, which has the values of the flags that are not there
    fileprivate init?(_ main: Field, insteadOf field: Field) throws(TokenizerError) {
        let (lowerCase, accents, chinese) = ("do_lower_case", "strip_accents", "tokenize_chinese_chars")
        guard let present = [lowerCase, accents, chinese].first(where: main.has) else { return nil }
        let flag = { (field: Field) throws(TokenizerError) in try field.bool() }
        if main.has(lowerCase) {
            self.init(
                handleChineseChars: try main[chinese].bool(default: true),
                stripAccents: try main[accents].optional(flag), lowercase: try main[lowerCase].bool(default: false))
            return
        }
        guard field["type"].value == .string("BertNormalizer") else {
            throw main[present].unsupported(
                "the normalizer of tokenizer.json has no such setting; add do_lower_case, or drop it")
        }
        self.init(
            cleanText: try field["clean_text"].bool(default: true),
            handleChineseChars: try (main.has(chinese) ? main[chinese] : field["handle_chinese_chars"]).bool(
                default: true),
            stripAccents: try (main.has(accents) ? main : field)["strip_accents"].optional(flag),
            lowercase: try field["lowercase"].bool(default: true))
    }
}
