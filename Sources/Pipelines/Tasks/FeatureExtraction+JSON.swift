import PenstockJSON

extension FeatureExtraction: JSONForm {
    package static let options = OptionTable<Options>(
        [
            .ineffective("return_tensors", "An answer is JSON either way."),
            TokenizerArguments.truncationOption(\.tokenization),
            .object("tokenize_kwargs", \.tokenization, TokenizerArguments.options, "Arguments for the tokenizer."),
        ], notBoth: [("truncation", "tokenize_kwargs")])

    package static let schemas = TaskSchemas(input: TaskSchemas.text, output: .array(of: .array(of: .numbers)))

    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> String {
        try value.text(named: name)
    }

    /// Writes `[[[number]]]`: one list, of a list for each token.
    package static func write(
        _ output: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        try writer.array { (writer) throws(PipelineError) in try writer.value(output, in: scope) }
    }
}

extension JSONWriter {
    /// Writes a list of the hidden state of each token.
    ///
    /// - Parameter scope: asked between tokens
    package mutating func value(
        _ output: FeatureExtraction.Output, in scope: RequestScope
    ) throws(PipelineError) {
        try array { (writer) throws(PipelineError) in
            for start in stride(from: 0, to: output.values.count, by: output.width) {
                try scope.check()
                writer.value(output.values[start..<start + output.width])
            }
        }
    }
}
