import PenstockJSON

extension TextGeneration {
    /// A request whose answer is told with events, ready for the model.
    package struct PreparedEvents: PreparedWork {
        package let stream: PreparedStream
        /// Writes the events.
        package let events: StreamEvents

        package var work: ModelWork { stream.work }
        package var answerBytes: Int { stream.answerBytes }
    }

    /// Checks and tokenizes a request of one prompt or chat that is answered with events.
    ///
    /// - Throws: ``PipelineError`` for whatever the task cannot take, and for several prompts or texts.
    package func prepareStream(
        _ inputs: JSONValue, parameters: JSONObject, as shape: JSONShape, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedEvents {
        var options = try Self.options(parameters, as: shape)
        // Each event tells its token.
        options.details = true
        let input = try Self.input(inputs, named: .inputs, options)
        // The text of a stream is one, of a chat the answer.
        if case .chat = input { options.returnFullText = false }
        guard options.generation.numReturnSequences ?? 1 == 1 else {
            throw PipelineError(
                .invalidParameter, "parameter num_return_sequences: a stream has one text; ask for as many streams")
        }
        guard !options.tellsPrompt else {
            throw PipelineError(
                .invalidParameter, "parameter prompt_logprobs: a stream does not tell the tokens of its prompt")
        }
        let stream = try await prepareStream([input], options, in: scope)
        let prompt = options.returnFullText ?? true ? promptText(input) : ""
        return PreparedEvents(
            stream: stream, events: StreamEvents(prompt: prompt, tokens: stream.work.tokens, seed: stream.seed))
    }

    /// Writes the pieces of an answer as the events that clients of Text Generation Inference read.
    package struct StreamEvents: Sendable {
        /// The text so far, with the prompt if that was asked for.
        private var text: String
        private let promptTokens: Int
        private let seed: UInt64
        private var generated = 0

        fileprivate init(prompt: String, tokens: Int, seed: UInt64) {
            (text, promptTokens, self.seed) = (prompt, tokens, seed)
        }

        /// An event: `{"index", "token", "generated_text", "details"}`, of which the last two are null but in the last event.
        ///
        /// - Parameter timing: metrics in the form of `Server-Timing` for the last event
        package mutating func event(_ piece: Piece, timing: () -> String) -> [UInt8] {
            text += piece.text
            if piece.token != nil { generated += 1 }
            var writer = JSONWriter()
            writer.object { writer in
                writer.key("index")
                writer.value(generated)
                writer.key("token")
                token(piece).write(into: &writer)
                writer.key("generated_text")
                guard let end = piece.end else {
                    writer.null()
                    writer.key("details")
                    writer.null()
                    return
                }
                writer.value(text)
                writer.key("details")
                writer.object { writer in
                    writer.key("finish_reason")
                    writer.value(end.rawValue)
                    writer.key("generated_tokens")
                    writer.value(generated)
                    writer.key("input_length")
                    writer.value(promptTokens)
                    writer.key("seed")
                    writer.value(Int(truncatingIfNeeded: seed))
                    writer.key("server_timing")
                    writer.value(timing())
                }
            }
            return writer.finish()
        }

        /// The token of a piece; an answer that ends without another has one that clients do not show.
        private func token(_ piece: Piece) -> Generation.Token {
            piece.token ?? Generation.Token(id: 0, text: piece.text, logprob: 0, isSpecial: piece.text.isEmpty)
        }
    }

    /// The event that ends a stream which cannot go on: `{"error", "error_type"}`.
    package static func errorEvent(_ message: String, type: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("error")
            writer.value(message)
            writer.key("error_type")
            writer.value(type)
        }
        return writer.finish()
    }
}
