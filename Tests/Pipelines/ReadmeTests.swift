import PenstockModels
import PenstockPipelines
import PenstockTestSupport
import Testing

/// The tables of README.md name exactly the tasks, parameters and models that the registries have.
@Suite struct ReadmeTests {
    private let page: MarkdownPage

    init() throws { page = try MarkdownPage("README.md") }

    @Test func namesAllTasks() throws {
        let rows = try #require(page.table(head: ["task", "inputs", "what comes back"]))
        let found = rows.map { ($0.first ?? "").codeSpans }.filter { !$0.isEmpty }
        compare(found, with: TaskRegistry.descriptions.map(\.names), in: "tasks") { names in
            let aliases = names.dropFirst().isEmpty ? "" : " (\(Self.code(names.dropFirst())))"
            return "| \(Self.code(names.prefix(1)))\(aliases) | … | … |"
        }
    }

    @Test func namesAllParameters() throws {
        let rows = try #require(page.table(head: ["task", "parameters"]))
        let found = rows.map { cells in cells.flatMap(\.codeSpans) }
        let expected: [[String]] = TaskRegistry.descriptions.map { $0.names.prefix(1) + $0.options.map(\.name) }
        compare(found.map(Self.inOrder), with: expected.map(Self.inOrder), in: "parameters") { names in
            "| \(Self.code(names.prefix(1))) | \(Self.code(names.dropFirst())) |"
        }
    }

    @Test func namesAllModels() throws {
        let rows = try #require(page.table(head: ["models", "`model_type`", "kind"]))
        let found = rows.map { $0[1].codeSpans + [$0[2]] }
        let expected = ModelRegistry.descriptions.map { $0.modelTypes + [$0.isDecoder ? "decoder" : "encoder"] }
        compare(found, with: expected, in: "models") { names in
            "| … | \(Self.code(names.dropLast())) | \(names.last ?? "") |"
        }
    }

    /// A list of names with the first in its place and the others sorted.
    private static func inOrder(_ names: [String]) -> [String] { names.prefix(1) + names.dropFirst().sorted() }

    private static func code(_ names: ArraySlice<String>) -> String {
        names.map { "`\($0)`" }.joined(separator: ", ")
    }

    /// Tells which rows a table lacks, and which it has in excess.
    private func compare(
        _ found: [[String]], with expected: [[String]], in table: String, row: ([String]) -> String
    ) {
        for names in expected where !found.contains(names) {
            Issue.record("the table of \(table) in README.md needs the row: \(row(names))")
        }
        for names in found where !expected.contains(names) {
            Issue.record("the table of \(table) in README.md has a row that no registry stands behind: \(row(names))")
        }
        #expect(found.count == expected.count, "each row of the table of \(table) in README.md stands there once")
    }
}
