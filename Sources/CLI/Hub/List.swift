import ArgumentParser
import Glibc
import PenstockHub
import PenstockJSON
import PenstockPipelines

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the models in the cache.",
        discussion: """
            A line for each revision: the id of the model, the revision, its size, its task, and when its files were read last. \
            Sizes count what revisions share for each of them.
            """)

    @Flag(help: "Print a line of JSON for each revision.")
    var json = false

    func run() throws {
        let settings = try HubSettings.ofProcess()
        let rows = CachedModel.all(in: settings.cache).flatMap { model in
            model.revisions.map { Row(id: model.id, revision: $0) }
        }
        if json {
            for row in rows { try StandardOutput.write(row.json + [UInt8(ascii: "\n")]) }
        } else if rows.isEmpty {
            try StandardOutput.write(line: "There are no models in \(settings.cache).")
        } else {
            let titles = ["model", "revision", "size", "task", "last used"]
            try StandardOutput.write(TextTable.lines([titles] + rows.map(\.cells), rightAligned: [2]))
        }
    }

    private struct Row {
        let id: RepositoryID
        let revision: CachedModel.Revision
        /// The task that the checkpoint was made for; nil if Penstock has none for it.
        let task: String?

        init(id: RepositoryID, revision: CachedModel.Revision) {
            (self.id, self.revision) = (id, revision)
            task = try? CheckpointFiles(directory: revision.folder).entry(forTask: nil).names.first
        }

        var cells: [String] {
            let shown = revision.references.isEmpty ? String(revision.commit.description.prefix(12)) : names
            return [id.description, shown, ByteText.of(revision.bytes), task ?? "-", day]
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
                writer.key("last_used")
                writer.value(revision.lastUse)
                writer.key("path")
                writer.value(revision.folder)
            }
            return writer.finish()
        }
    }
}
