import PenstockJSON

/// The families whose old checkpoints can be read.
enum LegacyFamilies {
    static let all: [LegacyFamily] = [bert, roberta, gpt2, clip, xlmRoberta, camembert, albert, t5, marian, llama]

    /// The family of a checkpoint: by the class that tokenizer_config.json names, else by the model's type, else by its
    /// files.
    static func family(of files: LegacyFiles) throws(TokenizerError) -> LegacyFamily {
        let text = { (field: Field) throws(TokenizerError) in try field.string() }
        let field = files.settings["tokenizer_class"]
        if var name = try field.optional(text) {
            if name.hasSuffix("Fast") { name.removeLast(4) }
            if let family = all.first(where: { $0.classes.contains(name) }) { return family }
            // A class that belongs to no model says nothing.
            guard name.hasPrefix("PreTrainedTokenizer") || name == "TokenizersBackend" else {
                let known = all.flatMap(\.classes).joined(separator: ", ")
                throw field.unsupported("\"\(name)\" without a tokenizer.json is not supported; known are \(known)")
            }
        }
        let type = try files.directory.document(of: "config.json")?["model_type"].optional(text)
        if let type, let family = all.first(where: { $0.modelTypes.contains(type) }) { return family }
        return try family(byFilesOf: files.directory)
    }

    private static func family(byFilesOf directory: TokenizerDirectory) throws(TokenizerError) -> LegacyFamily {
        let families: KeyValuePairs = [
            "vocab.txt": bert, "merges.txt": roberta, "sentencepiece.bpe.model": xlmRoberta, "source.spm": marian,
            "spiece.model": t5, "tokenizer.model": llama,
        ]
        for (name, family) in families where try directory.hasFile(name) { return family }
        throw TokenizerError(
            .unreadable,
            "\(directory.path): no tokenizer.json and none of \(families.map(\.key).joined(separator: ", ")); add one, "
                + "as the model's repository has it")
    }
}
