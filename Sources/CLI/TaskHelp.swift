import PenstockPipelines

/// The tasks and their options as help shows them, by their declarations.
enum TaskHelp {
    static var text: String {
        TaskRegistry.descriptions.map { task in
            ([task.names.joined(separator: ", ") + ":"] + lines(task.options, indent: "  ")).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private static func lines(_ options: [OptionDescription], indent: String) -> [String] {
        options.flatMap { option -> [String] in
            let line = "\(indent)\(option.name): \(option.summary) (\(option.kind.expected))"
            guard case .object(let nested) = option.kind else { return [line] }
            return [line] + lines(nested, indent: indent + "  ")
        }
    }
}
