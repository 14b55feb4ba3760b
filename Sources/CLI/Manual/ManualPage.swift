import PenstockJSON
import PenstockServing

/// The page of a command in the language of man (man(7)), made of what its help declares.
struct ManualPage {
    private let command: JSONValue
    private let parent: String?
    private let subcommands: [JSONValue]

    /// - Parameter command: as `--experimental-dump-help` describes it
    init(of command: JSONValue, parent: String? = nil, subcommands: [JSONValue] = []) {
        (self.command, self.parent, self.subcommands) = (command, parent, subcommands)
    }

    var text: [UInt8] {
        let name = command["commandName"]?.string ?? ""
        let title = parent.map { "\($0)-\(name)" } ?? name
        var lines = [
            ".TH \(Self.escaped(title.uppercased())) 1 \"\" \"penstock \(PenstockVersion.current)\" \"Penstock\"",
            ".SH NAME", "\(Self.escaped(title)) \\- \(Self.escaped(command["abstract"]?.string ?? ""))", ".SH SYNOPSIS",
            ".B \(Self.escaped(parent.map { "\($0) \(name)" } ?? name))", synopsis,
        ]
        if let discussion = command["discussion"]?.string, !discussion.isEmpty {
            lines += [".SH DESCRIPTION"] + Self.paragraphs(discussion)
        }
        if !subcommands.isEmpty {
            lines.append(".SH COMMANDS")
            for subcommand in subcommands {
                let name = subcommand["commandName"]?.string ?? ""
                lines += [
                    ".TP", ".BR \(Self.escaped("\(title)-\(name)")) (1)",
                    Self.escaped(subcommand["abstract"]?.string ?? ""),
                ]
            }
        }
        lines += options
        lines += [
            ".SH EXIT STATUS", "0 for success, 1 for a failure, 2 for arguments that are wrong.",
        ]
        if let parent { lines += [".SH SEE ALSO", ".BR \(Self.escaped(parent)) (1)"] }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private var arguments: [JSONValue] {
        (command["arguments"]?.array ?? []).filter { $0["shouldDisplay"]?.bool == true }
    }

    private var synopsis: String {
        guard subcommands.isEmpty else { return "\\fIcommand\\fR [\\fIoptions\\fR]" }
        let positionals = arguments.filter { $0["kind"]?.string == "positional" }.map { argument in
            let name =
                "\\fI\(Self.escaped(argument["valueName"]?.string ?? ""))\\fR"
                + (argument["isRepeating"]?.bool == true ? "..." : "")
            return argument["isOptional"]?.bool == true ? "[\(name)]" : name
        }
        return (["[\\fIoptions\\fR]"] + positionals).joined(separator: " ")
    }

    /// The options, by their sections.
    private var options: [String] {
        var lines: [String] = []
        var sections: [String] = []
        for argument in arguments {
            let section = argument["sectionTitle"]?.string ?? ""
            if !sections.contains(section) { sections.append(section) }
        }
        for section in sections {
            lines.append(section.isEmpty ? ".SH OPTIONS" : ".SH \(Self.escaped(section.uppercased()))")
            for argument in arguments where argument["sectionTitle"]?.string ?? "" == section {
                lines += [".TP", Self.heading(argument)]
                var text = argument["abstract"]?.string ?? ""
                if let standard = argument["defaultValue"]?.string, !standard.isEmpty {
                    text += " (default: \(standard))"
                }
                lines.append(Self.escaped(text))
            }
        }
        return lines
    }

    private static func heading(_ argument: JSONValue) -> String {
        let value = "\\fI\(escaped(argument["valueName"]?.string ?? ""))\\fR"
        guard argument["kind"]?.string != "positional" else { return value }
        let names = (argument["names"]?.array ?? []).compactMap { name in
            name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
        }
        let shown = names.map { "\\fB\(escaped($0))\\fR" }.joined(separator: ", ")
        return argument["kind"]?.string == "option" ? "\(shown) \(value)" : shown
    }

    /// Lines of text; those that are indented stay as they are.
    private static func paragraphs(_ text: String) -> [String] {
        var lines: [String] = []
        var isVerbatim = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isIndented = line.hasPrefix("  ")
            if isIndented != isVerbatim, !line.isEmpty {
                lines.append(isIndented ? ".nf" : ".fi")
                isVerbatim = isIndented
            }
            lines.append(line.isEmpty ? ".PP" : escaped(String(line)))
        }
        if isVerbatim { lines.append(".fi") }
        return lines
    }

    /// Text that stands for itself.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "\n": result += " "
            default: result.append(character)
            }
        }
        // A line that begins like a request is none.
        return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&\(result)" : result
    }
}
