import PenstockJSON

extension TextRanking: JSONForm {
    package static let options = OptionTable<Options>(
        [
            .integer("top_k", \.topK, atLeast: 1, "How many texts are given; left out, all."),
            .choice(
                "function_to_apply", \.function, ignoresCase: true,
                [(.string("sigmoid"), .sigmoid), (.string("none"), ScoreFunction.none)],
                "What becomes of the output of the model; left out, what the checkpoint was made for."),
            .flag("return_documents", \.returnsDocuments, "Give each text beside its score."),
            .text("prompt", \.prompt, "A text that says what is asked for, before the query."),
            .text("prompt_name", \.promptName, "The name of a prompt of the checkpoint to put there."),
        ] + TokenizerArguments.options.lifted(to: \.tokenization))

    package static let schemas = TaskSchemas(
        input: .object(["query": .string, "texts": .strings], others: nil),
        output: .array(of: .object(["index": .integer, "score": .number], optional: ["text": .string])))

    /// Reads `{"query": text, "texts": [text]}`.
    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> Input {
        let object = try InputObject(value, named: name, keys: ["query", "texts"])
        return Input(query: try object.text("query"), texts: try object.texts("texts"))
    }

    package static func write(
        _ scores: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        try writer.array { (writer) throws(PipelineError) in
            for score in scores {
                try scope.check()
                writer.object { writer in
                    writer.key("index")
                    writer.value(score.index)
                    writer.key("score")
                    writer.value(score.score)
                    guard let text = score.text else { return }
                    writer.key("text")
                    writer.value(text)
                }
            }
        }
    }
}
