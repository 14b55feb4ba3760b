import PenstockJSON
import PenstockPipelines

/// The body of `POST /v2/models/NAME/generate` and `/generate_stream`: a text, and parameters as an object or beside it.
struct GenerateRequest: GenerationDialect {
    private(set) var call: GenerationCall
    private let id: String?

    init(_ fields: RequestFields, isStreamed: Bool) throws(ClientError) {
        id = try fields.string("id")
        let prompt = try fields.require(fields.string("text_input"), "text_input", "a string")
        call = GenerationCall(model: nil, [.text(prompt)])
        call.isStreamed = isStreamed
        for given in [fields, try fields.section("parameters")] {
            try given.read(
                [
                    "max_tokens": "max_new_tokens", "min_tokens": "min_new_tokens", "temperature": "temperature",
                    "top_k": "top_k", "top_p": "top_p", "min_p": "min_p", "repetition_penalty": "repetition_penalty",
                    "presence_penalty": "presence_penalty", "frequency_penalty": "frequency_penalty", "stop": "stop",
                ], into: &call.options.generation)
            // Without any, clients send an empty text.
            if given["stop_words"] != .string("") {
                try given.read(["stop_words": "stop"], into: &call.options.generation)
            }
            for name in ["seed", "random_seed"] {
                if let seed = try given.seed(name) { call.options.generation.seed = seed }
            }
            if try !given.flag("exclude_input_in_output", default: true) {
                guard !isStreamed else {
                    throw given.unsupported("exclude_input_in_output", "a stream has the answer alone")
                }
                call.options.returnFullText = true
            }
            if let structure = try given.structure() { call.options.generation.structure = structure }
        }
    }

    func write(_ answer: GenerationAnswer, into writer: inout JSONWriter) {
        writer.object { $0.generated(answer.outputs.first?.first?.text ?? "", by: answer.head.model, id: id) }
    }

    func events(_ head: GenerationHead) -> GenerateEvents { GenerateEvents(model: head.model, id: id) }
}

/// The events of a text that Triton streams, each with what it adds. A text of nothing is an event, too.
struct GenerateEvents: GenerationEvents {
    let model: String
    let id: String?
    var hasEvent = false

    mutating func add(_ piece: TextGeneration.Piece, _ bytes: inout StreamBytes) {
        if !piece.text.isEmpty { add(piece.text, &bytes) }
    }

    private mutating func add(_ text: String, _ bytes: inout StreamBytes) {
        var writer = JSONWriter()
        writer.object { $0.generated(text, by: model, id: id) }
        bytes.add(event: writer.finish())
        hasEvent = true
    }

    mutating func end(_ summary: GenerationSummary, _ bytes: inout StreamBytes) {
        if !hasEvent { add("", &bytes) }
    }

    func fail(_ error: ErrorResponse, _ bytes: inout StreamBytes) {
        bytes.add(event: error.told(in: .plain).json)
    }
}

extension JSONWriter {
    fileprivate mutating func generated(_ text: String, by model: String, id: String?) {
        if let id {
            key("id")
            value(id)
        }
        key("model_name")
        value(model)
        key("model_version")
        value(OpenInference.version)
        key("text_output")
        value(text)
    }
}
