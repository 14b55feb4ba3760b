import PenstockJSON

extension SparseEmbeddings: JSONForm {
    package static let options = OptionTable<Options>(
        TaskOption.ofSentences + [
            .integer(
                "max_active_dims", \.maxActiveDims, atLeast: 1,
                "How many numbers are kept, the largest; left out, the checkpoint decides.")
        ], synonyms: TaskOption<Options>.synonyms)

    /// Reads a text, or `{"source_sentence": text, "sentences": [text]}`.
    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> Input {
        try SentenceSimilarity.input(value, named: name, SentenceSimilarity.Options())
    }

    /// Writes the embedding, a list of `{"index", "value"}` by ascending index, or a list of similarities.
    package static func write(
        _ output: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        switch output {
        case .embedding(let vector):
            writer.array { writer in
                for element in vector.elements {
                    writer.object { writer in
                        writer.key("index")
                        writer.value(element.index)
                        writer.key("value")
                        writer.value(element.value)
                    }
                }
            }
        case .similarities(let scores): writer.value(scores)
        }
    }
}
