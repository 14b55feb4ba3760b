import PenstockJSON
import PenstockPipelines
import PenstockServing

/// The part of an answer that an object of Ollama adds.
struct OllamaPart {
    var words = ""
    /// The words of a thought.
    var thoughts = ""
    var calls: [ToolCall] = []
    /// The number of the first of the calls.
    var firstCall = 0
    /// The tokens whose probabilities are told.
    var tokens: [TextGeneration.Generation.Token] = []
}

/// An object of an answer of Ollama, of which a stream has one on each line.
struct OllamaLine: Sendable {
    let form: OllamaRequest.Form
    let model: String

    init(_ form: OllamaRequest.Form, model: String) { (self.form, self.model) = (form, model) }

    /// - Parameter end: the reason that the text ended, and what is known then; nil if it goes on
    func write(
        _ part: OllamaPart, end: (reason: FinishReason?, summary: GenerationSummary)? = nil,
        into writer: inout JSONWriter
    ) {
        writer.object { writer in
            begin(part, into: &writer)
            writer.key("done")
            writer.value(end != nil)
            if let (reason, summary) = end {
                writer.key("done_reason")
                writer.value(reason == .length || reason == .deadline ? "length" : "stop")
                writer.fields(of: summary)
            }
            guard !part.tokens.isEmpty else { return }
            writer.key("logprobs")
            writer.logprobs(part.tokens)
        }
    }

    /// Writes that a model was loaded, and nothing said.
    func writeLoaded(into writer: inout JSONWriter) {
        writer.object { writer in
            begin(OllamaPart(), into: &writer)
            writer.key("done")
            writer.value(true)
            writer.key("done_reason")
            writer.value("load")
        }
    }

    private func begin(_ part: OllamaPart, into writer: inout JSONWriter) {
        writer.key("model")
        writer.value(model)
        writer.key("created_at")
        writer.value(Timestamp.text(nanoseconds: WallClock.nanoseconds()))
        switch form {
        case .response:
            writer.key("response")
            writer.words(of: part)
        case .message:
            writer.key("message")
            writer.object { writer in
                writer.key("role")
                writer.value("assistant")
                writer.key("content")
                writer.words(of: part)
                guard !part.calls.isEmpty else { return }
                writer.key("tool_calls")
                writer.array { writer in
                    for (index, call) in part.calls.enumerated() {
                        writer.object { $0.fields(of: call, part.firstCall + index) }
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    /// Writes the words of the key that was written, and behind them those of a thought.
    fileprivate mutating func words(of part: OllamaPart) {
        value(part.words)
        guard !part.thoughts.isEmpty else { return }
        key("thinking")
        value(part.thoughts)
    }

    /// Writes the fields of a call of a tool, whose arguments are an object.
    fileprivate mutating func fields(of call: ToolCall, _ index: Int) {
        key("id")
        value(GenerationHead.id("call_"))
        key("function")
        object { writer in
            writer.key("index")
            writer.value(index)
            writer.key("name")
            writer.value(call.name)
            writer.key("arguments")
            writer.value(.object(call.argumentsObject ?? JSONObject()))
        }
    }

    /// Writes what an answer took, in nanoseconds and tokens.
    fileprivate mutating func fields(of summary: GenerationSummary) {
        let (facts, timing) = (summary.facts, summary.timing)
        let total = timing.queue + timing.inference
        let prompt = min(max(facts.firstToken - timing.queue, .zero), timing.inference)
        key("total_duration")
        value(total.wholeNanoseconds)
        key("load_duration")
        value(0)
        key("prompt_eval_count")
        value(facts.promptTokens)
        key("prompt_eval_duration")
        value(prompt.wholeNanoseconds)
        key("eval_count")
        value(facts.generatedTokens)
        key("eval_duration")
        value((timing.inference - prompt).wholeNanoseconds)
    }
}

extension ToolCall {
    /// The arguments as an object; nil if they are none, as those of a call that was cut off.
    var argumentsObject: JSONObject? { (try? JSONValue(parsing: arguments.utf8))?.object }
}

extension Duration {
    /// The nanoseconds, without what is less.
    var wholeNanoseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}
