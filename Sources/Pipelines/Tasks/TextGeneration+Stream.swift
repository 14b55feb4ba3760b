import PenstockJSON
import PenstockModels

extension TextGeneration {
    /// A request whose answer is told piece by piece, ready for the model.
    package struct PreparedStream: PreparedWork {
        package let work: ModelWork
        package let answerBytes: Int
        /// Writes the events.
        package let events: StreamEvents
    }

    /// Checks and tokenizes a request of one prompt or chat that is answered with events.
    ///
    /// - Throws: ``PipelineError`` for whatever the task cannot take, and for several prompts or texts.
    package func prepareStream(
        _ inputs: JSONValue, parameters: JSONObject, as shape: JSONShape, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedStream {
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
        let plan = try await plan(options, in: scope)
        guard plan.settings.numBeams == 1 else {
            throw PipelineError(.invalidParameter, "parameter num_beams: a beam search has no stream; set it to 1")
        }
        let prepared = try prepare(input, plan, in: scope)
        try scope.require(answerBytes: prepared.answerBytes)
        let work = ModelWork(
            sequences: prepared.sequences, read: { _, _, _, _ in },
            generations: prepared.sequences.indices.compactMap { generation(of: $0, prepared.question, plan) })
        return PreparedStream(
            work: work, answerBytes: prepared.answerBytes,
            events: StreamEvents(self, prepared.question, plan))
    }

    /// Writes the pieces of an answer as the events that clients of Text Generation Inference read.
    package struct StreamEvents: Sendable {
        private let task: TextGeneration
        private let question: Question
        private let plan: Plan
        private var text = GeneratedText()

        fileprivate init(_ task: TextGeneration, _ question: Question, _ plan: Plan) {
            (self.task, self.question, self.plan) = (task, question, plan)
        }

        /// An event: `{"index", "token", "generated_text", "details"}`, of which the last two are null but in the last event.
        ///
        /// - Parameter timing: metrics in the form of `Server-Timing` for the last event
        package mutating func event(_ piece: GeneratedPiece, timing: () -> String) -> [UInt8] {
            text.append(piece)
            var writer = JSONWriter()
            writer.object { writer in
                writer.key("index")
                writer.value(text.tokens.count)
                writer.key("token")
                token(piece).write(into: &writer)
                writer.key("generated_text")
                guard let end = piece.end else {
                    writer.null()
                    writer.key("details")
                    writer.null()
                    return
                }
                writer.value(task.text(question, plan.options, behind: text.text))
                writer.key("details")
                writer.object { writer in
                    writer.key("finish_reason")
                    writer.value(end.rawValue)
                    writer.key("generated_tokens")
                    writer.value(text.tokens.count)
                    writer.key("input_length")
                    writer.value(question.tokens)
                    writer.key("seed")
                    writer.value(Int(truncatingIfNeeded: plan.seed))
                    writer.key("server_timing")
                    writer.value(timing())
                }
            }
            return writer.finish()
        }

        /// The token of a piece; an answer that ends without another has one that clients do not show.
        private func token(_ piece: GeneratedPiece) -> Generation.Token {
            if let token = piece.token { return task.token(of: token, text: piece.text) }
            return Generation.Token(id: 0, text: piece.text, logprob: 0, isSpecial: piece.text.isEmpty)
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
