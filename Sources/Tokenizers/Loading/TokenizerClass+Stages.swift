import PenstockJSON

/// Settings of tokenizer_config.json out of which classes of `transformers` build stages, and tokens that they put
/// around texts. Here tokenizer.json is followed, so that the two have to agree.
extension TokenizerClass {
    /// A setting that a stage of a kind, or its absence, stands for.
    private struct StageFlag: Sendable {
        let key: String
        /// The classes that heed it.
        let classes: Set<String>
        /// The kind of stage.
        let type: String
        /// The value for which there is such a stage.
        var present = true
    }

    private static let stageFlags = [
        StageFlag(
            key: "do_lower_case",
            classes: ["AlbertTokenizer", "DebertaV2Tokenizer", "RemBertTokenizer", "XLNetTokenizer"],
            type: "Lowercase"),
        StageFlag(
            key: "keep_accents", classes: ["AlbertTokenizer", "RemBertTokenizer"], type: "StripAccents",
            present: false),
        StageFlag(key: "split_by_punct", classes: ["DebertaV2Tokenizer"], type: "Punctuation"),
    ]

    /// Classes that lay out texts with `cls_token` and `sep_token`.
    private static let classesOfClassification: Set = [
        "DebertaTokenizer", "DebertaV2Tokenizer", "MPNetTokenizer", "RobertaTokenizer",
    ]

    /// Classes that lay out texts with `bos_token` and `eos_token`.
    private static let classesOfSentences: Set = ["CamembertTokenizer", "XLMRobertaTokenizer"]

    /// The named tokens that the class puts before and behind a text; none if it does as tokenizer.json says.
    var outerTokens: [String] {
        guard let name else { return [] }
        if Self.classesOfClassification.contains(name) { return ["cls_token", "sep_token"] }
        return Self.classesOfSentences.contains(name) ? ["bos_token", "eos_token"] : []
    }

    /// Checks the settings of tokenizer_config.json that stages of tokenizer.json have to agree with.
    ///
    /// - Throws: an error that names a setting of which tokenizer.json says otherwise.
    func checkStages(_ main: Field, of file: Field) throws(TokenizerError) {
        let normalizers = try Self.stages(file["normalizer"], "normalizers")
        let preTokenizers = try Self.stages(file["pre_tokenizer"], "pretokenizers")
        try checkSplit(main["fix_mistral_regex"], preTokenizers, of: file)
        guard let name else { return }
        for flag in Self.stageFlags where main.has(flag.key) && flag.classes.contains(name) {
            // As in Python, null is false.
            let value = try main[flag.key].bool(default: false)
            let isThere = (normalizers + preTokenizers).contains { $0["type"].value == .string(flag.type) }
            guard isThere != (value == flag.present) else { continue }
            throw main[flag.key].unsupported(
                "tokenizer.json \(isThere ? "has a" : "has no") \(flag.type), which is not what this says; "
                    + "make the two agree")
        }
        try checkPrefixSpace(main, normalizers, preTokenizers)
    }

    /// The types of models whose files `fix_mistral_regex` is for.
    private static let mistralTypes: Set = ["ministral", "mistral", "mistral3", "pixtral", "voxtral"]

    static func isEarlyMistral(_ config: Field?) -> Bool {
        guard let config, let type = config["model_type"].value?.string, mistralTypes.contains(type) else {
            return false
        }
        let major = config["transformers_version"].value?.string?.split(separator: ".").first.flatMap { Int($0) }
        return major.map { $0 < 5 } ?? true
    }

    /// Upstream puts another split in front if the flag says so, in vocabularies of more than 100,000 tokens. Files
    /// that were saved after that have it.
    private func checkSplit(_ flag: Field, _ preTokenizers: [Field], of file: Field) throws(TokenizerError) {
        guard isEarlyMistral, flag.value == .bool(true),
            file["model"]["vocab"].value?.object?.entries.count ?? 0 > Self.mostOfSmallVocabulary,
            preTokenizers.first?["pattern"]["Regex"].value?.string?.contains(#"\p{M}]*|\p{N}| ?"#) != true
        else { return }
        throw flag.unsupported(
            "it asks for another pre_tokenizer than that of tokenizer.json; save the tokenizer with it, or take it out")
    }

    private static let mostOfSmallVocabulary = 100_000

    /// A stage, or those of a sequence.
    private static func stages(_ field: Field, _ key: String) throws(TokenizerError) -> [Field] {
        guard field["type"].value == .string("Sequence") else { return [field] }
        var stages: [Field] = []
        for stage in try field[key].elements() { stages += try Self.stages(stage, key) }
        return stages
    }

    private func checkPrefixSpace(
        _ main: Field, _ normalizers: [Field], _ preTokenizers: [Field]
    ) throws(TokenizerError) {
        let key = "add_prefix_space"
        guard main.has(key), !isGeneric else { return }
        if let value = main[key].value?.bool, let own = ownPrefixSpace(preTokenizers), own != value {
            throw main[key].unsupported(
                "\(value) is not what \(key) of the pre_tokenizer of tokenizer.json says; make the two agree")
        }
        guard main[key].exists || !isLlama, prependSchemes(false) != nil else { return }
        // Elsewhere null is false, as in Python.
        let value = try main[key].bool(default: false)
        guard let schemes = prependSchemes(value) else { return }
        var found: [Metaspace.PrependScheme] =
            normalizers.contains { $0["type"].value == .string("Prepend") } ? [.always] : []
        for stage in preTokenizers where stage["type"].value == .string("Metaspace") {
            found.append(try Metaspace.prependScheme(stage))
        }
        if found.isEmpty, normalizers.contains(where: { $0["content"].value == .string("▁") }) { found = [.never] }
        guard let other = found.first(where: { !schemes.contains($0) }) else { return }
        throw main[key].unsupported(
            "\(value) is not what tokenizer.json does, whose prepend_scheme is \"\(other.rawValue)\"; "
                + "make the two agree")
    }

    /// The flag of byte-level tokenizers in tokenizer.json; nil if there is none.
    private func ownPrefixSpace(_ preTokenizers: [Field]) -> Bool? {
        // Others that split texts before do not build it by the flag.
        guard preTokenizers.count == 1 || name == "Qwen2Tokenizer" else { return nil }
        return preTokenizers.first { $0["type"].value == .string("ByteLevel") }?["add_prefix_space"].value?.bool
    }

    private var isLlama: Bool { name == "LlamaTokenizer" || name == "CodeLlamaTokenizer" }

    /// The rules for spaces before words that `add_prefix_space` may stand for; nil if the class does not heed it.
    private func prependSchemes(_ addsSpace: Bool) -> [Metaspace.PrependScheme]? {
        switch name {
        case "AlbertTokenizer", "BarthezTokenizer", "BigBirdTokenizer", "CamembertTokenizer", "RemBertTokenizer",
            "XGLMTokenizer", "XLMRobertaTokenizer":
            addsSpace ? [.always] : [.never]
        case "DebertaV2Tokenizer": addsSpace ? [.always] : [.first]
        case "LlamaTokenizer", "CodeLlamaTokenizer": addsSpace ? [.always, .first] : [.never]
        default: nil
        }
    }
}
