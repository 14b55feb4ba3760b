import PenstockJSON
import PenstockTokenizers

extension SentenceSimilarity: JSONForm {
    package static let options = OptionTable<Options>(
        TaskOption.ofSentences + [
            .flag("normalize", \.normalizes, "Give embeddings length 1; left out, the checkpoint decides."),
            .flag("normalize_embeddings", \.normalizes, "The same as normalize."),
            .integer(
                "truncate_dim", \.truncateDim, atLeast: 1,
                "How many numbers of an embedding are kept, before normalize; left out, the checkpoint decides."),
            .integer("dimensions", \.truncateDim, atLeast: 1, "The same as truncate_dim."),
            .names("precision", \.encoding.precision, "How the numbers of an embedding are stored."),
            .ranges(
                "ranges", \.encoding.ranges,
                "The least and the greatest number of each dimension, for the precisions int8 and uint8."),
            .names("encoding_format", \.encoding.format, "Give embeddings as numbers, or as their bytes in base64."),
        ],
        synonyms: TaskOption<Options>.synonyms + [
            ("normalize", "normalize_embeddings"), ("truncate_dim", "dimensions"),
        ])

    package static let schemas = TaskSchemas(
        input: TaskSchemas.sentence,
        output: .any(of: .numbers, JSONSchema.string.described(as: "Bytes in base64, if encoding_format says so.")))

    /// A list around the embedding of a text that is not in a list.
    package static func hostedNesting(of inputs: JSONValue, _ options: Options) -> Nesting {
        var nesting = Nesting(of: inputs)
        if inputs.string != nil { nesting.single = .list }
        return nesting
    }

    /// Writes the embedding, or a list of similarities.
    package static func write(
        _ output: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        switch output {
        case .embedding(let vector): writer.value(vector, as: options.encoding.format)
        case .similarities(let scores): writer.value(scores)
        }
    }
}

extension JSONForm where Input == SentenceSimilarity.Input {
    /// Reads a text, or `{"source_sentence": text, "sentences": [text]}`.
    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> Input {
        guard let object = value.object else { return .text(try value.text(named: name)) }
        let parts = try InputObject(object, named: name, keys: ["source_sentence", "sentences"])
        return .comparison(source: try parts.text("source_sentence"), sentences: try parts.texts("sentences"))
    }
}
