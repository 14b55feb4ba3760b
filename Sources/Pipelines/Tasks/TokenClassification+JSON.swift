import PenstockJSON

extension TokenClassification: JSONForm {
    package static let options = OptionTable<Options>([
        .choice(
            "aggregation_strategy", \.aggregation, fallback: .string("none"), ignoresCase: true,
            [Aggregation.none, .simple, .first, .average, .max].map { (.string($0.rawValue), $0) },
            "How tokens form entities."),
        .textList("ignore_labels", \.ignoredLabels, "Labels that are left out."),
        .integer(
            "stride", \.stride, atLeast: 0,
            "Label a text that is too long in pieces that have so many tokens in common; left out, it is cut off."),
        .flag("is_split_into_words", \.isSplitIntoWords, "Inputs are lists of words."),
        .text("delimiter", \.delimiter, "What stands between words in the text that they are of."),
        offsetMapping,
    ])

    package static let schemas = TaskSchemas(
        input: .any(of: TaskSchemas.text, JSONSchema.strings.described(as: "Words, with is_split_into_words.")),
        output: .array(
            of: .object(
                ["score": .number, "word": .string, "start": .integer, "end": .integer],
                optional: ["entity": .string, "entity_group": .string, "index": .integer])))

    /// `[[[start, end]]]`: a list for each text; as upstream, the first counts.
    private static let offsetMapping: TaskOption<Options> = {
        let description = OptionDescription(
            "offset_mapping",
            .form(name: "array of arrays of [start, end]", expected: "a list of lists of [start, end]"), fallback: nil,
            "Where each token is in its text, instead of what the tokenizer says.")
        return TaskOption(description) { (value, prefix, options) throws(PipelineError) in
            let places = value.array?.first?.array?.map { place -> Range<Int>? in
                guard let ends = place.array?.compactMap(\.integer), ends.count == 2, 0 <= ends[0], ends[0] <= ends[1],
                    ends[1] < 1 << 31
                else { return nil }
                return ends[0]..<ends[1]
            }
            guard let places, !places.contains(nil) else { throw description.mismatch(value, path: prefix) }
            options.offsets = places.compactMap { $0 }
        }
    }()

    /// Entities instead of tokens.
    package static var hostedDefaults: Options {
        var options = Options()
        options.aggregation = .simple
        return options
    }

    /// Of words, a list of lists is a list of inputs, and a list is one input that is answered as a list of one.
    package static func nesting(of inputs: JSONValue, _ options: Options) -> Nesting {
        var nesting = Nesting(of: inputs)
        guard options.isSplitIntoWords, let elements = inputs.array else { return nesting }
        nesting.isList = elements.allSatisfy { $0.array != nil }
        nesting.single = .list
        return nesting
    }

    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> Input {
        guard options.isSplitIntoWords else {
            let remedy = value.array == nil ? "" : "; for a list of words, set is_split_into_words"
            guard let text = value.string else {
                throw PipelineError(.invalidInputs, "\(name) has to be a text, not \(value.excerpt)\(remedy)")
            }
            return .text(text)
        }
        guard let elements = value.array else {
            throw PipelineError(.invalidInputs, "\(name) has to be a list of words, not \(value.excerpt)")
        }
        var words: [String] = []
        for (index, element) in elements.enumerated() {
            words.append(try element.text(named: "\(name)[\(index)]", expected: "a word"))
        }
        return .words(words, delimiter: options.delimiter)
    }

    package static func write(
        _ entities: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        try writer.array { (writer) throws(PipelineError) in
            for entity in entities {
                try scope.check()
                writer.object { writer in
                    writer.key(entity.index == nil ? "entity_group" : "entity")
                    writer.value(entity.label)
                    writer.key("score")
                    writer.value(entity.score)
                    if let index = entity.index {
                        writer.key("index")
                        writer.value(index)
                    }
                    writer.key("word")
                    writer.value(entity.word)
                    writer.key("start")
                    writer.value(entity.range.lowerBound)
                    writer.key("end")
                    writer.value(entity.range.upperBound)
                }
            }
        }
    }
}
