import ArgumentParser
import PenstockHub

struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Download models from the Hugging Face Hub.",
        discussion: """
            Models go into the cache that they share with Python's huggingface_hub, and only with the files that are needed. \
            What was broken off goes on where it was. The path of each model is a line on standard output.

            HF_TOKEN opens gated and private models, HF_HUB_CACHE and HF_HOME say where the cache is, HF_ENDPOINT names another \
            Hub, HF_HUB_OFFLINE=1 forbids the network.

            Examples:

              penstock pull google-bert/bert-base-uncased
              penstock pull google-bert/bert-base-uncased@main \\
                sentence-transformers/all-MiniLM-L6-v2
            """)

    @Argument(help: "Ids of models, such as org/name or org/name@revision.", completion: ModelHelp.cachedCompletion)
    var models: [String]

    @Option(
        help: ArgumentHelp(
            """
            Of a repository of GGUF files, the one to take: a file, or a kind of numbers such as Q8_0; by default Q4_K_M, or else \
            the nearest to it.
            """, valueName: "kind"))
    var gguf: String?

    func run() async throws {
        // All are read before any is downloaded.
        let references = try models.map { text throws(HubError) in try HubReference(text) }
        let settings = try HubSettings.ofProcess()
        for reference in references {
            let progress = ProgressDisplay.ofProcess
            let snapshot = try await Self.pull(reference, gguf, settings, progress)
            try StandardOutput.write(line: snapshot.model)
        }
    }

    private static func pull(
        _ reference: HubReference, _ gguf: String?, _ settings: HubSettings, _ progress: any DownloadProgress
    ) async throws -> CachedSnapshot {
        // The bars are gone before anything else is written.
        defer { progress.end() }
        return try await Hub(settings: settings, progress: progress).snapshot(
            of: reference, gguf: gguf, comparesSizes: true)
    }
}
