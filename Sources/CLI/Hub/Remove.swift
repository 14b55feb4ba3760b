import ArgumentParser
import PenstockHub
import PenstockJSON

struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove models from the cache.",
        discussion: """
            Without a revision, all of a model goes; with one, its snapshot, and the files that no other revision has. Nothing is \
            asked.

            Examples:

              penstock remove google-bert/bert-base-uncased --dry-run
              penstock remove org/reviews@main
            """)

    @Argument(
        help: "Ids of models in the cache, such as org/name; with @revision, a branch, tag or commit.",
        completion: ModelHelp.cachedCompletion)
    var models: [String]

    @Flag(help: "Say what would be removed, and remove nothing.")
    var dryRun = false

    func run() throws {
        let settings = try HubSettings.ofProcess()
        // All are looked up before any is removed.
        let removals = try models.map { text throws(HubError) in try Self.removal(text, in: settings.cache) }
        for (text, removal) in zip(models, removals) {
            if dryRun {
                for path in removal.paths { try StandardOutput.write(line: path) }
            } else {
                try removal.run()
            }
            let verb = dryRun ? "would be" : "are"
            try StandardOutput.write(line: "\(text): \(ByteText.of(removal.bytes)) \(verb) removed")
        }
    }

    private static func removal(_ text: String, in root: String) throws(HubError) -> CacheRemoval {
        let reference = try HubReference(text)
        let model = CachedModel(RepositoryCache(root: root, id: reference.id))
        let isWhole = !text.utf8.contains(UInt8(ascii: "@"))
        // Of a model whose download was broken off there may be no revision yet.
        guard !model.revisions.isEmpty || isWhole && model.exists else {
            let near = NearNames.question(
                reference.id.description, among: RepositoryCache.ids(in: root).map(\.description))
            throw HubError(
                .notCached, "there is no \(reference.id) in \(root); `penstock list` tells what there is\(near)")
        }
        if isWhole { return try CacheRemoval(of: model) }
        let found = model.revisions.filter { revision in
            revision.references.contains(reference.revision) || revision.commit.description == reference.revision
                || reference.revision.utf8.count >= 7 && revision.commit.description.hasPrefix(reference.revision)
        }
        guard !found.isEmpty else {
            let known = model.revisions.flatMap { $0.references + [String($0.commit.description.prefix(12))] }
            throw HubError(
                .notCached,
                "there is no revision \(reference.revision) of \(reference.id) in \(root), but: "
                    + known.prefix(10).joined(separator: ", "))
        }
        return try CacheRemoval(of: model, Set(found.map(\.commit)))
    }
}
