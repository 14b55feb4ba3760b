import PenstockPipelines

extension Pipeline where Task == TextGeneration {
    /// The text that a prompt goes on with, piece by piece.
    ///
    ///     let pipeline = try await TextGenerationPipeline(directory: "SmolLM2-135M")
    ///     for try await piece in pipeline.stream("The capital of France is") { print(piece.text, terminator: "") }
    ///
    /// The text is not computed any further when nobody has the sequence or its iterator any more.
    ///
    /// - Returns: a sequence that throws `PipelineError` for what the task cannot take, and ``ServingError`` when the
    ///   gate refuses it or its first piece does not come within the configured time. The last piece says why the text
    ///   ended.
    public func stream(_ prompt: String, _ options: Task.Options = Task.Options()) -> TextPieces {
        TextPieces(self, .text(prompt), options)
    }

    /// The answer to a chat, or what the last message goes on with if it is the assistant's, piece by piece.
    ///
    /// - Returns: as ``stream(_:_:)``
    public func stream(_ chat: [ChatMessage], _ options: Task.Options = Task.Options()) -> TextPieces {
        TextPieces(self, .chat(chat), options)
    }

    /// The texts that go on with a prompt.
    ///
    /// - Throws: as for any other input.
    public func callAsFunction(
        _ prompt: String, _ options: Task.Options = Task.Options()
    ) async throws -> Task.Output { try await self(.text(prompt), options) }

    /// The texts that go on with several prompts, in their order.
    ///
    /// - Throws: as for any other inputs.
    public func callAsFunction(
        _ prompts: [String], _ options: Task.Options = Task.Options()
    ) async throws -> [Task.Output] { try await self(prompts.map { Task.Input.text($0) }, options) }

    /// The answers to a chat, or what its last message goes on with if it is the assistant's.
    ///
    ///     let answers = try await pipeline([ChatMessage(role: "user", content: "Hello!")])
    ///     let chat = answers[0].chat
    ///
    /// - Throws: as for any other input.
    public func callAsFunction(
        _ chat: [ChatMessage], _ options: Task.Options = Task.Options()
    ) async throws -> Task.Output { try await self(.chat(chat), options) }
}

/// A part of a text that is being generated.
public struct TextPiece: Sendable {
    /// The continuation of the text; empty while a character is incomplete.
    public let text: String
    /// The id of the token that it came with; nil if the text ended without another.
    public let token: Int?
    /// The reason that the text ends here, `length`, `eos_token`, `stop_sequence` or `deadline`; nil if it goes on.
    public let finishReason: String?
}

/// The pieces of a text as they come.
public struct TextPieces: AsyncSequence, Sendable {
    private let pipeline: Pipeline<TextGeneration>
    private let input: TextGeneration.Input
    private let options: TextGeneration.Options

    init(
        _ pipeline: Pipeline<TextGeneration>, _ input: TextGeneration.Input, _ options: TextGeneration.Options
    ) {
        (self.pipeline, self.input, self.options) = (pipeline, input, options)
    }

    /// Begins to generate with the first piece that is asked for.
    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    /// Takes one piece after the other.
    public struct Iterator: AsyncIteratorProtocol {
        private let pieces: TextPieces
        private var stream: GenerationStream?

        fileprivate init(_ pieces: TextPieces) { self.pieces = pieces }

        /// The next piece; nil behind the last.
        public mutating func next() async throws -> TextPiece? {
            if stream == nil { stream = try await pieces.begin() }
            return try await stream?.next().map { piece in
                TextPiece(
                    text: piece.text, token: piece.token.map { Int($0.id) }, finishReason: piece.end?.rawValue)
            }
        }
    }

    private func begin() async throws -> GenerationStream {
        guard options.generation.numReturnSequences ?? 1 == 1 else {
            throw PipelineError(.invalidParameter, "a stream has one text; ask for as many streams as texts")
        }
        guard options.generation.promptLogprobs == nil else {
            throw PipelineError(.invalidParameter, "a stream does not tell the tokens of its prompt")
        }
        let model = pipeline.model
        let deadline = ContinuousClock.now + model.configuration.requestTimeout
        let client = Client(of: .anybody, deadline: deadline, answerLimit: .max)
        let (input, options, prepare) = (input, options, pipeline.prepare)
        return try await model.stream(texts: input.textSize, for: client) {
            (scope) async throws(PipelineError) in
            try await prepare([input], options, scope)
        }.0
    }
}
