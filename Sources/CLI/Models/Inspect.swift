import ArgumentParser
import PenstockCheckpoints
import PenstockCompute
import PenstockFiles
import PenstockHub
import PenstockJSON
import PenstockPipelines

struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Tell what a model is and what it would take.",
        discussion: """
            Architecture, tensors, tokenizer, tasks, and the memory in each dtype, by configurations and headers alone: of a \
            model on the Hub that is not in the cache no more is fetched than those. Whether a model can be served is told by \
            its tasks, or by a line that says what is in the way.

            Examples:

              penstock inspect google-bert/bert-base-uncased
              penstock inspect google-bert/bert-base-uncased --tensors
              penstock inspect sentence-transformers/all-MiniLM-L6-v2 --json
            """)

    @Argument(help: ModelHelp.argument, completion: ModelHelp.completion)
    var model: String

    @Flag(help: "Also list the tensors.")
    var tensors = false

    @Flag(help: "Print a line of JSON.")
    var json = false

    func run() async throws {
        var commit: String?
        var opaque: [(path: RepositoryPath, bytes: Int?)] = []
        // The folder is gone with its holder.
        var headers: HeaderFolder?
        let directory: String
        switch try ModelLocation(model) {
        case .folder(let path): directory = path
        case .hub(let reference):
            let hub = Hub(settings: try HubSettings.ofProcess())
            if let cached = hub.cachedFolder(of: reference) {
                directory = cached
            } else {
                let folder = try await hub.headers(of: reference)
                (headers, directory, commit, opaque) =
                    (folder, folder.path, folder.commit.description, folder.opaqueWeights)
            }
        }
        defer { withExtendedLifetime(headers) {} }
        guard try FileStatus.ifPresent(directory) != nil else {
            throw CheckpointError(.unreadableFile, file: directory, Checkpoint.missing)
        }
        // Nothing is computed; memory is counted for a processor.
        let lease = ComputePool(threads: 1).lend()
        let summary = CheckpointSummary(directory: directory, in: ComputeTurns(lease.cpu))
        let report = InspectReport(model: model, summary: summary, commit: commit, opaqueWeights: opaque)
        try StandardOutput.write(json ? report.json(listing: tensors) : report.text(listing: tensors))
    }
}
