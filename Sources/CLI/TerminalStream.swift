import PenstockJSON
import PenstockPipelines
import PenstockServing

/// Shows what a model generates on a terminal, as it comes.
struct TerminalStream {
    let model: ServedModel
    let task: TextGeneration
    let parameters: JSONObject

    /// Lets each text go on, one after the other.
    ///
    /// - Throws: ``CommandFailure`` for what cannot be answered.
    func answer(_ texts: [String]) async throws {
        for text in texts {
            do {
                try await answer(text)
            } catch let error as CommandFailure {
                throw error
            } catch {
                throw CommandFailure(message: FailureMessage.line(for: error))
            }
        }
    }

    private func answer(_ text: String) async throws {
        let client = Client(
            of: .anybody, deadline: .now + model.configuration.requestTimeout, answerLimit: .max)
        let (stream, _) = try await model.stream(texts: TextSize(of: [text]), for: client) {
            (scope) async throws(PipelineError) in
            try await task.prepareStream(.string(text), parameters: parameters, as: .pipeline, in: scope)
        }
        try StandardOutput.write(Array(text.onTerminal.utf8))
        while let piece = try await stream.next() { try StandardOutput.write(Array(piece.text.onTerminal.utf8)) }
        try StandardOutput.write(line: "")
    }
}

extension String {
    /// The text without what would control a terminal.
    var onTerminal: String {
        let isShown = { (scalar: Unicode.Scalar) in
            scalar == "\n" || scalar == "\t" || scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
        }
        return String(String.UnicodeScalarView(unicodeScalars.filter(isShown)))
    }
}

extension ServedModel {
    /// The task that generates texts, if that is what the model was loaded for.
    var textGeneration: TextGeneration? { pipelines.first?.steps as? TextGeneration }
}
