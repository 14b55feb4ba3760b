import PenstockJSON

extension TextClassification: JSONForm {
    package static let options = OptionTable<Options>(
        [
            .integer(
                "top_k", atLeast: nil, fallback: nil,
                "How many labels are given, as a list; null for all. Left out, the best label is given by itself.",
                null: { $0.selection = .all }, set: { $0.selection = .top($1) }),
            .choice(
                "function_to_apply", \.function, ignoresCase: true,
                [
                    (.string("sigmoid"), .sigmoid), (.string("softmax"), .softmax),
                    (.string("none"), ScoreFunction.none),
                ],
                "What becomes of the outputs of the model; left out, what the checkpoint was made for."),
            .ineffective(
                "padding", "Nothing is padded, and padding would change no answer.",
                values: [.bool(true), .bool(false)]
                    + ["longest", "max_length", "do_not_pad"].map(JSONValue.string)),
        ] + TokenizerArguments.options.lifted(to: \.tokenization))

    package static let schemas = TaskSchemas(
        input: .any(of: TaskSchemas.text, .object(["text": .string], optional: ["text_pair": .string], others: nil)),
        output: .any(of: TaskSchemas.label, .array(of: TaskSchemas.label)))

    /// Upstream has a list around the label of a text alone, none around that of an object, and a flat list of labels for a
    /// list; where `top_k` is given, each answer is a list of its own.
    package static func nesting(of inputs: JSONValue, _ options: Options) -> Nesting {
        var nesting = Nesting(of: inputs)
        if inputs.string != nil, options.selection == .best { nesting.single = .list }
        return nesting
    }

    /// All labels.
    package static var hostedDefaults: Options {
        var options = Options()
        options.selection = .all
        return options
    }

    /// A list of labels for each text, also for one that is not in a list.
    package static func hostedNesting(of inputs: JSONValue, _ options: Options) -> Nesting {
        var nesting = Nesting(of: inputs)
        nesting.single = .list
        return nesting
    }

    /// Reads a text, `{"text": text, "text_pair": text}` or, within a list, the old form `[[text, text]]`.
    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> Input {
        switch value {
        case .object(let object):
            let parts = try InputObject(object, named: name, keys: ["text", "text_pair"])
            return Input(try parts.text("text"), pair: try parts.optionalText("text_pair"))
        case .array(let elements):
            guard elements.count == 1, let pair = elements[0].array, pair.count == 2, let text = pair[0].string,
                let second = pair[1].string
            else { break }
            return Input(text, pair: second)
        default: break
        }
        return Input(
            try value.text(
                named: name, expected: "a text or, for a pair of texts, an object with text and text_pair"))
    }

    package static func write(
        _ labels: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        if options.selection == .best {
            for label in labels { writer.value(label) }
        } else {
            writer.array { for label in labels { $0.value(label) } }
        }
    }
}

extension JSONWriter {
    /// Writes `{"label", "score"}`.
    mutating func value(_ label: TextClassification.Label) {
        object { writer in
            writer.key("label")
            writer.value(label.label)
            writer.key("score")
            writer.value(label.score)
        }
    }
}
