import PenstockJSON
import PenstockTokenizers

extension SentenceSimilarity: JSONForm {
    package static let options = OptionTable<Options>([
        .text("prompt", \.prompt, "A text put before each sentence."),
        .text("prompt_name", \.promptName, "The name of a prompt of the checkpoint to put before each sentence."),
        .flag("normalize", \.normalizes, "Give embeddings length 1; left out, the checkpoint decides."),
        .flag("truncate", \.truncates, "Cut texts that are too long."),
        .flag("truncation", \.truncates, "The same as truncate."),
        .choice(
            "truncation_direction", \.truncationSide, ignoresCase: true,
            [(.string("left"), .left), (.string("right"), .right)], "The end at which texts are cut."),
    ])

    /// Reads a text, or `{"source_sentence": text, "sentences": [text]}`.
    package static func input(
        _ value: JSONValue, named name: InputName, _ options: Options
    ) throws(PipelineError) -> Input {
        guard let object = value.object else { return .text(try value.text(named: name)) }
        let parts = try InputObject(object, named: name, keys: ["source_sentence", "sentences"])
        return .comparison(source: try parts.text("source_sentence"), sentences: try parts.texts("sentences"))
    }

    /// Writes the embedding, or a list of similarities.
    package static func write(
        _ output: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        switch output {
        case .embedding(let vector), .similarities(let vector): writer.value(vector)
        }
    }
}
