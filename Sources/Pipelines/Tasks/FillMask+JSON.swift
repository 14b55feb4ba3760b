import PenstockJSON

extension FillMask: JSONForm {
    package static let options = OptionTable<Options>([
        .integer("top_k", \.topK, atLeast: 0, "How many tokens are given for each mask."),
        .texts("targets", \.targets, "The tokens to choose from; all of the vocabulary if left out."),
        .object("tokenizer_kwargs", \.tokenization, TokenizerArguments.options, "Arguments for the tokenizer."),
    ])

    package static let schemas: TaskSchemas = {
        let candidates = JSONSchema.array(
            of: .object(["score": .number, "token": .integer, "token_str": .string, "sequence": .string]))
        return TaskSchemas(input: TaskSchemas.text, output: .any(of: candidates, .array(of: candidates)))
    }()

    /// As upstream, a list of one is answered like its element.
    package static func nesting(of inputs: JSONValue, _ options: Options) -> Nesting {
        var nesting = Nesting(of: inputs)
        nesting.listOfOne = .none
        return nesting
    }

    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> String {
        try value.text(named: name)
    }

    /// Writes the candidates of the mask, of several masks a list for each.
    package static func write(
        _ masks: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        func write(_ candidates: [Candidate], _ writer: inout JSONWriter) throws(PipelineError) {
            try writer.array { (writer) throws(PipelineError) in
                for candidate in candidates {
                    try scope.check()
                    writer.object { writer in
                        writer.key("score")
                        writer.value(candidate.score)
                        writer.key("token")
                        writer.value(candidate.token)
                        writer.key("token_str")
                        writer.value(candidate.tokenText)
                        writer.key("sequence")
                        writer.value(candidate.sequence)
                    }
                }
            }
        }
        if masks.count == 1 { return try write(masks[0], &writer) }
        try writer.array { (writer) throws(PipelineError) in
            for candidates in masks { try write(candidates, &writer) }
        }
    }
}
