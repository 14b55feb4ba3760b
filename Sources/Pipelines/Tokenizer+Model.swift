import PenstockCheckpoints
import PenstockTokenizers

extension Tokenizer {
    /// The tokenizer of the model at a path: a directory, or a GGUF file, which may be in one.
    ///
    /// - Throws: `CheckpointError` or `TokenizerError`, which say what is wrong with which file.
    package init(model path: String) throws {
        guard let file = try GGUFCheckpoint.file(at: path) else {
            try self.init(directory: path)
            return
        }
        try self.init(gguf: GGUFFile(path: file).metadata, file: file)
    }
}
