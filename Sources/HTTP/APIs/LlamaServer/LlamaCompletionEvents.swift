import PenstockJSON
import PenstockPipelines
import PenstockServing

/// A part of a completion, or all of it.
struct LlamaCompletionPart {
    let content: String
    /// The ids of its tokens, where they are told.
    let tokens: [Int]
    let promptTokens: Int
    /// Tokens that were generated so far.
    let generated: Int
}

/// The events of a completion of llama-server that is streamed.
struct LlamaCompletionEvents: GenerationEvents {
    private let head: GenerationHead
    private let prompt: String
    private let selection: SelectedFields?
    private var generated = 0
    private var end: (reason: FinishReason, stopString: String?)?

    /// - Parameter selection: the fields of the last event that are told; nil for all
    init(_ head: GenerationHead, prompt: String, _ selection: SelectedFields?) {
        (self.head, self.prompt, self.selection) = (head, prompt, selection)
    }

    mutating func add(_ piece: TextGeneration.Piece, _ bytes: inout StreamBytes) {
        if piece.token != nil { generated += 1 }
        if let reason = piece.end { end = (reason, piece.stopString) }
        guard !piece.text.isEmpty else { return }
        var writer = JSONWriter()
        writer.object { $0.fields(of: part(piece.text, piece.token.map { [$0.id] } ?? []), isLast: false) }
        bytes.add(event: writer.finish())
    }

    private func part(_ text: String, _ tokens: [Int]) -> LlamaCompletionPart {
        LlamaCompletionPart(
            content: text, tokens: tokens, promptTokens: head.promptTokens, generated: generated)
    }

    mutating func end(_ summary: GenerationSummary, _ bytes: inout StreamBytes) {
        var writer = JSONWriter()
        writer.object(of: selection) { writer in
            writer.fields(of: part("", []), isLast: true)
            writer.end(end?.reason, at: end?.stopString, of: head.model, prompt: prompt, summary)
        }
        bytes.add(event: writer.finish())
    }

    mutating func fail(_ error: ErrorResponse, _ bytes: inout StreamBytes) {
        bytes.add(event: error.told(in: .openAI).json)
    }
}

extension JSONWriter {
    /// Writes the fields that all parts of a completion have.
    mutating func fields(of part: LlamaCompletionPart, isLast: Bool) {
        key("index")
        value(0)
        key("content")
        value(part.content)
        key("tokens")
        array { for id in part.tokens { $0.value(id) } }
        key("stop")
        value(isLast)
        key("id_slot")
        value(-1)
        key("tokens_predicted")
        value(part.generated)
        key("tokens_evaluated")
        value(part.promptTokens)
    }

    /// Writes the fields that the end of a completion has beside those.
    mutating func end(
        _ reason: FinishReason?, at stopString: String?, of model: String, prompt: String, _ summary: GenerationSummary
    ) {
        let type =
            switch reason {
            case .eosToken: "eos"
            case .stopSequence: "word"
            case .length, .deadline: "limit"
            case nil: "none"
            }
        key("model")
        value(model)
        key("prompt")
        value(prompt)
        key("truncated")
        value(false)
        key("stop_type")
        value(type)
        key("stopping_word")
        value(stopString ?? "")
        key("tokens_cached")
        value(summary.facts.cachedTokens)
        key("timings")
        object { $0.timings(of: summary) }
    }

    private mutating func timings(of summary: GenerationSummary) {
        let (facts, timing) = (summary.facts, summary.timing)
        let prompt =
            facts.generatedTokens == 0
            ? timing.inference : min(max(facts.firstToken - timing.queue, .zero), timing.inference)
        let phases = [
            ("prompt", facts.promptTokens - facts.cachedTokens, prompt),
            ("predicted", facts.generatedTokens, timing.inference - prompt),
        ]
        for (name, count, duration) in phases {
            let milliseconds = duration / .milliseconds(1)
            key("\(name)_n")
            value(count)
            key("\(name)_ms")
            value(milliseconds)
            key("\(name)_per_second")
            value(milliseconds > 0 ? Double(count) * 1e3 / milliseconds : 0)
        }
    }
}
