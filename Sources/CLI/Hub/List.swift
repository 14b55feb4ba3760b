import ArgumentParser
import Glibc
import PenstockCompute
import PenstockHub
import PenstockJSON
import PenstockPipelines

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models in the cache.",
        discussion: """
            A line for each revision: the id of the model, the revision, its size, the tasks that it can do, the one that it was \
            made for first, and when its files were read last. Sizes count what revisions share for each of them.

            Examples:

              penstock list
              penstock list --json
            """)

    @Flag(help: "Print a line of JSON for each revision.")
    var json = false

    func run() throws {
        let settings = try HubSettings.ofProcess()
        try CachedModel.check(settings.cache)
        // Nothing is computed; what a model can do is found by its headers.
        let lease = ComputePool(threads: 1).lend()
        let turns = ComputeTurns(lease.cpu)
        let rows = CachedModel.all(in: settings.cache).flatMap { model in
            model.revisions.map { Row(id: model.id, revision: $0, in: turns) }
        }
        if json {
            for row in rows { try StandardOutput.write(row.json + [UInt8(ascii: "\n")]) }
        } else if rows.isEmpty {
            try StandardOutput.write(line: "There are no models in \(settings.cache).")
        } else {
            let titles = ["model", "revision", "size", "tasks", "last used"]
            try StandardOutput.write(TextTable.lines([titles] + rows.map(\.cells), rightAligned: [2]))
        }
    }

    private struct Row {
        let id: RepositoryID
        let revision: CachedModel.Revision
        /// The task that the checkpoint was made for; nil if Penstock has none for it.
        let task: String?
        /// All tasks that it can do, the one that it was made for first.
        let tasks: [String]

        init(id: RepositoryID, revision: CachedModel.Revision, in turns: ComputeTurns) {
            (self.id, self.revision) = (id, revision)
            let files = try? CheckpointFiles(directory: revision.folder)
            let supported = (try? files?.supportedTasks(in: turns)) ?? []
            let inferred = try? files?.entry(forTask: nil).names.first
            let first = inferred.flatMap { supported.contains($0) ? $0 : nil }
            task = first
            tasks = (first.map { [$0] } ?? []) + supported.filter { $0 != first }
        }

        var cells: [String] {
            let shown = revision.references.isEmpty ? String(revision.commit.description.prefix(12)) : names
            return [
                id.description, shown, ByteText.of(revision.bytes), tasks.isEmpty ? "-" : tasks.joined(separator: ", "),
                day,
            ]
        }

        private var names: String { revision.references.map(\.shown).joined(separator: ", ") }

        /// The day of the last use, in UTC; by ISO 8601.
        private var day: String {
            var (seconds, parts) = (time_t(revision.lastUse), tm())
            gmtime_r(&seconds, &parts)
            let digits = { (value: Int32) in value < 10 ? "0\(value)" : "\(value)" }
            return "\(Int(parts.tm_year) + 1900)-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))"
        }

        var json: [UInt8] {
            var writer = JSONWriter()
            writer.object { writer in
                writer.key("id")
                writer.value(id.description)
                writer.key("commit")
                writer.value(revision.commit.description)
                writer.key("revisions")
                writer.array { for name in revision.references { $0.value(name) } }
                writer.key("bytes")
                writer.value(revision.bytes)
                writer.key("task")
                if let task { writer.value(task) } else { writer.null() }
                writer.key("tasks")
                writer.array { for task in tasks { $0.value(task) } }
                writer.key("last_used")
                writer.value(revision.lastUse)
                writer.key("path")
                writer.value(revision.folder)
            }
            return writer.finish()
        }
    }
}
