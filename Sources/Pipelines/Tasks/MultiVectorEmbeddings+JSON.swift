import PenstockJSON

extension MultiVectorEmbeddings: JSONForm {
    package static let options = OptionTable<Options>(
        TaskOption.ofSentences + [
            .choice(
                "task", \.role, SentenceRole.allCases.map { (.string($0.rawValue), $0) },
                "What texts are, if they are not compared."),
            .flag("normalize", \.normalizes, "Give vectors length 1, beside what the checkpoint says."),
            .flag("normalize_embeddings", \.normalizes, "The same as normalize."),
            .names("precision", \.encoding.precision, "How the numbers of a vector are stored."),
            .ranges(
                "ranges", \.encoding.ranges,
                "The least and the greatest number of each dimension, for the precisions int8 and uint8."),
            .names("encoding_format", \.encoding.format, "Give vectors as numbers, or as their bytes in base64."),
        ], synonyms: TaskOption<Options>.synonyms + [("normalize", "normalize_embeddings")])

    package static let schemas = TaskSchemas(
        input: TaskSchemas.sentence,
        output: .any(of: .array(of: .any(of: .numbers, .string)), .numbers))

    /// Writes a list with the vector of each token, or a list of similarities.
    package static func write(
        _ output: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        switch output {
        case .embedding(let vectors):
            try writer.array { (writer) throws(PipelineError) in
                for vector in vectors {
                    try scope.check()
                    writer.value(vector, as: options.encoding.format)
                }
            }
        case .similarities(let scores): writer.value(scores)
        }
    }
}
