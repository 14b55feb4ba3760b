import PenstockJSON

extension Operation {
    /// The routes of Text Generation Inference, and those of Triton that generate, by method and path.
    static let textGeneration: [String: Operation] = {
        let prompt = JSONSchema.object(
            ["inputs": .string], optional: ["model": model, "parameters": JSONSchema.object().orNull])
        let text = JSONSchema.object(
            ["text_input": .string],
            optional: ["id": JSONSchema.string.orNull, "parameters": JSONSchema.object().orNull])
        let events: (inout Operation) -> Void = {
            $0.answer = .string
            $0.mediaType = "text/event-stream"
        }
        return [
            "POST /generate": Operation(
                .textGeneration, "A text that goes on with a prompt.", takes: prompt,
                gives: .object(["generated_text": .string], optional: ["details": .object()])),
            "POST /generate_stream": Operation(
                .textGeneration, "The same as events.", takes: prompt, gives: .string
            ).with(events),
            "POST /v2/models/{model}/generate": Operation(
                .openInference, "A text that goes on with a prompt.", takes: text,
                gives: .object(["model_name": .string, "model_version": .string, "text_output": .string])),
            "POST /v2/models/{model}/generate_stream": Operation(
                .openInference, "The same as events.", takes: text, gives: .string
            ).with(events),
        ]
    }()
}
