import PenstockCheckpoints
import PenstockModels

/// The module of a cross-encoder over a model that generates: it makes a score of logits of the next token.
enum LogitScore {
    /// The name of its class.
    static let kind = "LogitScore"

    /// The name of the feature that it reads.
    static let inputName = "causal_logits"

    /// Returns the tokens that such a module among others names; nil if there is none.
    static func tokens(of modules: SentenceModules?) throws(CheckpointError) -> TokenScore? {
        guard let entry = modules?.entries.first(where: { $0.kind == kind }) else { return nil }
        let file = try ConfigFile(path: "\(entry.directory)/config.json")
        let (yes, no, input) = ("true_token_id", "false_token_id", "module_input_name")
        try file.requireKeys([yes, no, input])
        try file.refuseNull([input])
        guard try file.string(input) ?? inputName == inputName else {
            throw file.unsupported(input, "it has to be \"\(inputName)\"")
        }
        return TokenScore(
            yes: try file.size(yes, atLeast: 0), no: file[no] == nil ? nil : try file.size(no, atLeast: 0))
    }
}
