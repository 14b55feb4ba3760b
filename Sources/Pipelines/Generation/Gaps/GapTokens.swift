import PenstockCheckpoints
import PenstockJSON
import PenstockTokenizers

/// The tokens by which a model is shown a gap, by the keys of GGUF files and the names that llama.cpp knows
/// (`llama_vocab::impl::load` of <https://github.com/ggml-org/llama.cpp>).
struct GapTokens: Sendable {
    /// A use of a token.
    private struct Use: Sendable {
        /// The keys of GGUF files, without what they begin and end with; older ones behind others.
        let keys: [String]
        let names: [String]
    }

    private static let prefix = Use(
        keys: ["fim_pre", "prefix"],
        names: [
            "<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>", "<PRE>", "▁<PRE>", "<｜fim▁begin｜>", "<|code_prefix|>",
        ])
    private static let suffix = Use(
        keys: ["fim_suf", "suffix"],
        names: [
            "<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>", "<SUF>", "▁<SUF>", "<｜fim▁hole｜>", "<|code_suffix|>",
        ])
    private static let middle = Use(
        keys: ["fim_mid", "middle"],
        names: [
            "<|fim_middle|>", "<fim-middle>", "<fim_middle>", "<MID>", "▁<MID>", "<｜fim▁end｜>", "<|code_middle|>",
        ])
    private static let padding = Use(
        keys: ["fim_pad"], names: ["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>"])
    private static let repository = Use(
        keys: ["fim_rep"],
        names: ["<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>", "<repo_name>"])
    private static let file = Use(keys: ["fim_sep"], names: ["<|file_sep|>", "<file_sep>", "<|file_separator|>"])
    private static let end = Use(keys: ["eot"], names: ["<EOT>", "▁<EOT>"])

    /// The mark in front of the text before the gap.
    let prefix: Int32
    /// The mark in front of the text behind the gap.
    let suffix: Int32
    /// The mark behind which the model fills the gap.
    let middle: Int32
    /// The mark in front of the name of a repository; nil if the model has none.
    let repository: Int32?
    /// The mark in front of the name of a file; nil if the model has none.
    let file: Int32?
    /// The tokens that end what fills a gap, beside those that end any text.
    let ends: [Int32]
    /// The tokens that stand in no text of a user.
    let control: ControlTokens

    /// The tokens of a model; nil if it is not known to fill gaps.
    init?(_ tokenizer: Tokenizer, _ checkpoint: Checkpoint, vocabularySize: Int) {
        func id(_ use: Use) -> Int32? {
            for key in use.keys {
                let value = checkpoint.gguf?.metadata["tokenizer.ggml.\(key)_token_id"]?.integer
                if let value, 0..<vocabularySize ~= value { return Int32(exactly: value) }
            }
            return use.names.lazy.compactMap { tokenizer.id(of: $0) }.first { 0..<vocabularySize ~= Int($0) }
        }
        guard let prefix = id(Self.prefix), let suffix = id(Self.suffix), let middle = id(Self.middle) else {
            return nil
        }
        (self.prefix, self.suffix, self.middle) = (prefix, suffix, middle)
        (repository, file) = (id(Self.repository), id(Self.file))
        ends = [Self.padding, Self.repository, Self.file, Self.end].compactMap(id)
        control = tokenizer.controlTokens(
            of: ([prefix, suffix, middle] + ends).compactMap { tokenizer.token(of: $0) })
    }
}
