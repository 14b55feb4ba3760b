import HTTPTypes
import PenstockJSON

/// The input and output of a route, for the description of the server that programs read.
struct Operation: Sendable {
    /// The API that it belongs to, as the description groups operations.
    enum Tag: String, Sendable, CaseIterable {
        case pipelines
        case models
        case openAI = "OpenAI"
        case rerank = "Rerank"
        case textEmbeddings = "Text Embeddings Inference"
        case hosted = "Hugging Face"
        case textGeneration = "Text Generation Inference"
        case openInference = "Open Inference Protocol"
        case ollama = "Ollama"
        case anthropic = "Anthropic"
        case llamaServer = "llama-server"
        case probes
        case administration
        case pages
        case others
    }

    let tag: Tag
    /// A sentence that says what it does.
    let summary: String
    /// The JSON body that it takes; nil if it takes none.
    var body: JSONSchema?
    /// True if there has to be a body.
    var requiresBody = true
    /// True if a body may also be a text by itself.
    var takesText = false
    /// The schema of its answer.
    var answer = JSONSchema.anything
    /// The status of an answer.
    var status = HTTPResponse.Status.ok
    /// The media type of an answer.
    var mediaType = "application/json"
    /// True if it can also answer with a stream of events.
    var streams = false
    /// The media type of that stream.
    var streamType = "text/event-stream"
    /// Statuses that it has beside those of all others.
    var furtherStatuses: [HTTPResponse.Status] = []

    /// An operation of a tag, with what else there is to say of it.
    init(_ tag: Tag, _ summary: String, _ change: (inout Operation) -> Void = { _ in }) {
        (self.tag, self.summary) = (tag, summary)
        change(&self)
    }

    /// An operation with a body.
    init(_ tag: Tag, _ summary: String, takes body: JSONSchema, gives answer: JSONSchema) {
        self.init(tag, summary)
        (self.body, self.answer) = (body, answer)
    }
}

extension Operation {
    /// The operation of a route; nil if nobody has described it.
    static func described(_ route: RouteTable.Route) -> Operation? {
        // Names with an owner stand for the same as those without, and so do models with their only version.
        var path = route.path.replacing("/{model}/{name}", with: "/{model}").replacing("/versions/{version}", with: "")
        if path.hasPrefix("/openai/") { path.removeFirst("/openai".count) }
        return all["\(route.method.rawValue) \(path)"]
    }

    private static let all: [String: Operation] = native.merging(dialects) { first, _ in first }

    private static let dialects = openAI.merging(generation) { first, _ in first }
        .merging(rerank) { first, _ in first }
        .merging(textEmbeddings) { first, _ in first }
        .merging(openInference) { first, _ in first }
        .merging(ollama) { first, _ in first }.merging(anthropic) { first, _ in first }
        .merging(llamaServer) { first, _ in first }.merging(textGeneration) { first, _ in first }
}
