import PenstockJSON

extension SparseEmbeddings: JSONForm {
    package static let options = OptionTable<Options>(
        TaskOption.ofSentences + [
            .integer(
                "max_active_dims", \.maxActiveDims, atLeast: 1,
                "How many numbers are kept, the largest; left out, the checkpoint decides.")
        ], synonyms: TaskOption<Options>.synonyms)

    package static let schemas = TaskSchemas(
        input: TaskSchemas.sentence,
        output: .any(of: .array(of: .object(["index": .integer, "value": .number])), .numbers))

    /// Writes the embedding, a list of `{"index", "value"}` by ascending index, or a list of similarities.
    package static func write(
        _ output: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        switch output {
        case .embedding(let vector): writer.value(vector)
        case .similarities(let scores): writer.value(scores)
        }
    }
}
