import PenstockModels

extension TextGeneration {
    /// A request whose answer is told piece by piece, ready for the model.
    package struct PreparedStream: PreparedWork {
        package let work: ModelWork
        package let answerBytes: Int
        /// True if the prompt of a chat has begun a thought, with which the text goes on.
        package let opensThought: Bool
        /// The seed with which the text of the first prompt comes again.
        package let seed: UInt64
        private let task: TextGeneration
        private let plan: Plan

        fileprivate init(
            _ task: TextGeneration, _ plan: Plan, _ work: ModelWork, answerBytes: Int, of first: Question?
        ) {
            (self.task, self.plan, self.work, self.answerBytes) = (task, plan, work, answerBytes)
            (opensThought, seed) = (first?.thought == .begun, first?.seed ?? 0)
        }

        /// A piece as users see it.
        package func piece(_ piece: GeneratedPiece) -> Piece {
            Piece(
                sequence: piece.sequence, prompt: piece.prompt.map(task.promptToken), text: piece.text,
                token: piece.token.map { task.token(of: $0, text: piece.text) }, end: piece.end,
                stopString: task.stopString(piece.stopString, plan))
        }
    }

    /// The part of an answer that one step adds, as users see it.
    package struct Piece: Sendable {
        /// The text that it belongs to: those of the first prompt come first.
        package let sequence: Int
        /// Tokens of the prompt that come next, each by itself; pieces in front of the first token have them.
        package let prompt: [Generation.Token]
        /// The text that is certain with it; often none.
        package let text: String
        /// The token; nil if the answer ended without another, and of a piece of the prompt.
        package let token: Generation.Token?
        /// The reason that the text ends; nil if it goes on.
        package let end: FinishReason?
        /// The stop string at which it ends; nil if it ends at none.
        package let stopString: String?
    }

    /// Checks and tokenizes a request whose answer is told piece by piece: one text after each prompt or chat, or
    /// several.
    ///
    /// - Throws: ``PipelineError`` for whatever the task cannot take, and for a beam search.
    package func prepareStream(
        _ inputs: [Input], _ options: Options, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedStream {
        var plan = try await plan(options, in: scope)
        plan.isStreamed = true
        guard plan.settings.numBeams == 1 else {
            throw PipelineError(.invalidParameter, "parameter num_beams: a beam search has no stream; set it to 1")
        }
        guard plan.settings.numReturnSequences == plan.told else {
            throw PipelineError(
                .invalidParameter,
                "parameter best_of: which text is the best is known in the end alone; do not stream it, or set it to 1")
        }
        let (prepared, work, answerBytes) = try await prepareInputs(inputs, plan, in: scope)
        return PreparedStream(self, plan, work, answerBytes: answerBytes, of: prepared.questions.first)
    }
}
