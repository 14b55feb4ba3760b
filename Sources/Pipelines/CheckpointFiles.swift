import PenstockCheckpoints
import PenstockFiles
import PenstockJSON

/// The files of a checkpoint before anything is loaded: where the transformer's own are, and which task they are for.
package struct CheckpointFiles {
    /// Where the user says that the checkpoint is; holds modules.json, if any.
    let directory: String
    /// The transformer's own files, which may lie below.
    let checkpoint: Checkpoint
    let sentenceModel: TaskRegistry.SentenceModel?

    package init(directory: String) throws {
        self.directory = directory
        let modules = try SentenceModules(directory: directory)
        checkpoint = try Checkpoint(directory: modules?.transformerDirectory ?? directory)
        let isCrossEncoder = try CrossEncoderSettings.areThere(
            directory: directory, hasModules: modules != nil, checkpoint.config)
        if isCrossEncoder {
            // One that gives several labels classifies pairs.
            sentenceModel = try checkpoint.config.labelCount() == 1 ? .ranking : nil
        } else {
            sentenceModel = modules == nil ? nil : .embeddings
        }
    }

    /// The task of a name, or the one that the checkpoint was made for.
    package func entry(forTask task: String?) throws(PipelineError) -> TaskRegistry.Entry {
        if let task { return try TaskRegistry.task(named: task) }
        return try TaskRegistry.inferredTask(
            architectures: checkpoint.config["architectures"]?.array?.compactMap(\.string) ?? [],
            sentenceModel: sentenceModel)
    }

    /// The last component of the directory's absolute path.
    package var name: String { FilePath.name(of: directory) }
}
