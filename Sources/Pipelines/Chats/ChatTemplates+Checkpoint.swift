import PenstockCheckpoints
import PenstockFiles
import PenstockJSON
import PenstockTemplates

extension ChatTemplates {
    private static let folder = "additional_chat_templates"
    private static let ending = ".jinja"

    /// The chat templates of a checkpoint, where upstream's tokenizers look for them: in chat_template.jinja and
    /// additional_chat_templates/, else in tokenizer_config.json or the metadata of a GGUF file, else in the
    /// chat_template.json of old processors.
    ///
    /// - Throws: `CheckpointError`, `FileError` or `TemplateError` for files that cannot be read.
    init(_ checkpoint: Checkpoint) throws {
        var setting = try checkpoint.configFile("tokenizer_config.json")?["chat_template"]
        guard checkpoint.gguf == nil else {
            try self.init(setting: setting)
            return
        }
        if setting == nil { setting = try checkpoint.configFile("chat_template.json")?["chat_template"] }
        var additional: [(name: String, source: String)] = []
        let folder = checkpoint.path(Self.folder)
        if try FileStatus.ifPresent(folder)?.kind == .directory {
            for name in try FileListing.names(in: folder) where name.hasSuffix(Self.ending) {
                guard let source = try Self.source("\(folder)/\(name)") else { continue }
                additional.append((String(name.dropLast(Self.ending.count)), source))
            }
        }
        try self.init(
            setting: setting, file: try Self.source(checkpoint.path("chat_template.jinja")), additional: additional)
    }

    /// The text of a file; nil if there is none.
    private static func source(_ path: String) throws -> String? {
        guard let file = try InputFile.ifPresent(path) else { return nil }
        // A longer one is refused as a template.
        let limit = TemplateLimits().sourceBytes
        let text = try file.contents(atMost: limit).withBytes { String(validating: $0, as: UTF8.self) }
        guard let text else { throw CheckpointError(.malformedFile, file: path, "is not UTF-8") }
        return text
    }
}
