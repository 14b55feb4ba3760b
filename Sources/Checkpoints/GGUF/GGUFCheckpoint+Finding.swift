import PenstockFiles

extension GGUFCheckpoint {
    /// Opens the file of a model at a path; nil if there is none.
    ///
    /// - Throws: an error that lists the files of a folder that has several.
    init?(at path: String) throws(CheckpointError) {
        guard let file = try Self.file(at: path) else { return nil }
        try self.init(file: file)
    }

    /// The path of the file of a model: the path itself, or that of the one file in a folder without weights in another
    /// format; nil if there is none.
    package static func file(at path: String) throws(CheckpointError) -> String? {
        guard let kind = try CheckpointFile.kind(at: path) else { return nil }
        guard kind == .directory else { return try GGUFFile.isOne(path) ? path : nil }
        for format in WeightsFormat.all {
            for name in [format.name, format.index] {
                if try CheckpointFile.kind(at: Checkpoint.path(path, name)) != nil { return nil }
            }
        }
        let names: [String]
        do {
            names = try FileListing.names(in: path)
        } catch {
            throw CheckpointError(error)
        }
        let files = names.filter { name in
            guard name.utf8.suffix(5).elementsEqual(".gguf".utf8) else { return false }
            // Of several files of a model the first stands for all.
            return PartName(path: name).map { $0.number == 1 } ?? true
        }
        guard files.count > 1 else { return files.first.map { Checkpoint.path(path, $0) } }
        let most = 20
        throw CheckpointError(
            .unreadableFile, file: path,
            "has \(files.count) models in GGUF files; name the file of one: "
                + files.prefix(most).joined(separator: ", ") + (files.count > most ? ", …" : ""))
    }
}
