import PenstockJSON

extension ZeroShotClassification: JSONForm {
    package static let options = OptionTable<Options>([
        candidateLabels,
        .text(
            "hypothesis_template", \.hypothesisTemplate, "What is said of a text with a label, which goes where {} is."),
        .flag("multi_label", \.multiLabel, "Several labels can be true: score each by itself."),
    ])

    package static let schemas = TaskSchemas(
        input: TaskSchemas.text,
        output: .any(
            of: .object(["sequence": .string, "labels": .strings, "scores": .numbers]),
            .array(of: TaskSchemas.label)))

    private static let candidateLabels: TaskOption<Options> = {
        let description = OptionDescription(
            "candidate_labels", .texts, fallback: nil,
            "The labels to choose from: a list, or a text with commas between them.")
        return TaskOption(description) { (value, prefix, options) throws(PipelineError) in
            if let text = value.string {
                options.candidateLabels = labels(in: text)
            } else {
                options.candidateLabels = try description.strings(of: value, path: prefix)
            }
        }
    }()

    /// Returns what stands between the commas of a text, without spaces around it; what is empty is left out.
    private static func labels(in text: String) -> [String] {
        text.unicodeScalars.split(separator: ",").compactMap { part in
            guard let first = part.firstIndex(where: { !isSpace($0) }),
                let last = part.lastIndex(where: { !isSpace($0) })
            else { return nil }
            return String(part[first...last])
        }
    }

    /// Tells whether Python takes a scalar for a space.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }

    /// Labels as those of text-classification.
    package static var hostedDefaults: Options {
        var options = Options()
        options.givesList = true
        return options
    }

    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> Input {
        try value.text(named: name)
    }

    package static func write(
        _ output: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        try scope.check()
        if options.givesList { return writer.array { for label in output.labels { $0.value(label) } } }
        writer.object { writer in
            writer.key("sequence")
            writer.value(output.sequence)
            writer.key("labels")
            writer.array { for label in output.labels { $0.value(label.label) } }
            writer.key("scores")
            writer.array { for label in output.labels { $0.value(label.score) } }
        }
    }
}
