import PenstockJSON
import PenstockPipelines
import PenstockServing
import Synchronization

/// Has a model answer chats, and shows answers as they come.
struct ChatAnswering: Sendable {
    let model: ServedModel
    let task: TextGeneration
    /// The keys of the terminal, of which Ctrl-C ends an answer; nil without one.
    let keys: TerminalKeys?

    /// An answer on its way.
    private final class Progress: Sendable {
        struct State {
            var text = ""
            var tokens = 0
            /// When the first token was there, with which the prompt ended, and the last.
            var times: (first: ContinuousClock.Instant, last: ContinuousClock.Instant)?
            var isEnded = false
        }

        let state = Mutex(State())

        func add(_ piece: GeneratedPiece) {
            let now = ContinuousClock.now
            state.withLock { state in
                state.text += piece.text
                if piece.token != nil { state.tokens += 1 }
                state.times = (state.times?.first ?? now, now)
            }
        }
    }

    /// Answers a chat. Returns what was shown, also if the answer was ended early.
    func answer(_ chat: JSONValue, _ parameters: JSONObject) async throws -> String {
        let client = Client(
            of: .anybody, deadline: .now + model.configuration.requestTimeout, answerLimit: .max)
        let (stream, _) = try await model.stream(texts: TextGeneration.textSize(of: chat), for: client) {
            [task] (scope) async throws(PipelineError) in
            try await task.prepareStream(chat, parameters: parameters, as: .pipeline, in: scope)
        }
        let progress = Progress()
        let isShown = keys != nil
        let showing = Task {
            while let piece = try await stream.next() {
                progress.add(piece)
                try StandardOutput.write(Array((isShown ? piece.text.onTerminal : piece.text).utf8))
            }
        }
        keys?.onInterrupt {
            progress.state.withLock { $0.isEnded = true }
            showing.cancel()
        }
        defer { keys?.onInterrupt(nil) }
        do {
            try await showing.value
        } catch is CancellationError where progress.state.withLock({ $0.isEnded }) {
            // The text until then counts.
        }
        try StandardOutput.write(line: "")
        let state = progress.state.withLock { $0 }
        if isShown { try StandardOutput.write(line: Ink.faint(Self.summary(of: state)) + "\n") }
        return state.text
    }

    private static func summary(of state: Progress.State) -> String {
        let end = state.isEnded ? ", ended" : ""
        guard let times = state.times, state.tokens > 1, times.last > times.first else {
            return "\(state.tokens) tokens\(end)"
        }
        let rate = Double(state.tokens - 1) / (times.first.duration(to: times.last) / .seconds(1))
        let digits = rate < 100 ? "\((rate * 10).rounded() / 10)" : "\(Int(rate.rounded()))"
        return "\(state.tokens) tokens, \(digits) tokens/s\(end)"
    }
}
