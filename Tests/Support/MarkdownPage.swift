import Foundation

/// A page of the documentation, read as its readers see it: headings, tables and code.
package struct MarkdownPage {
    /// A block of code between fences.
    package struct CodeBlock: Sendable {
        /// The nearest heading above it.
        package let heading: String
        /// The word behind the opening fence.
        package let language: String
        /// The lines between the fences, each with its end.
        package let text: String
    }

    private let lines: [Substring]

    /// Reads a page by its path in the repository.
    package init(_ path: String) throws {
        let text = String(decoding: try Fixtures.bytes(atPath: "\(Fixtures.repository)/\(path)"), as: UTF8.self)
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// Returns the cells of the rows of the table that has this head; nil if there is none.
    package func table(head: [String]) -> [[String]]? {
        guard let start = lines.firstIndex(where: { Self.cells($0) == head }) else { return nil }
        return lines[start...].dropFirst(2).prefix { $0.hasPrefix("|") }.map(Self.cells)
    }

    private static func cells(_ line: Substring) -> [String] {
        line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
            $0.trimmingCharacters(in: .whitespaces)
        }
    }

    /// All blocks of code, from the top of the page to its end.
    package var codeBlocks: [CodeBlock] {
        var blocks: [CodeBlock] = []
        var heading = ""
        var open: (language: String, text: String)?
        for line in lines {
            if let block = open {
                if line == "```" {
                    blocks.append(CodeBlock(heading: heading, language: block.language, text: block.text))
                    open = nil
                } else {
                    open?.text += "\(line)\n"
                }
            } else if line.hasPrefix("```") {
                open = (String(line.dropFirst(3)), "")
            } else if line.hasPrefix("#") {
                heading = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces)
            }
        }
        return blocks
    }
}

extension String {
    /// The parts of a line that are set as code.
    package var codeSpans: [String] {
        split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { !$0.offset.isMultiple(of: 2) }
            .map { String($0.element) }
    }
}
