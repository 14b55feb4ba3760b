import PenstockCompute
import PenstockGrammars
import PenstockModels
import PenstockTokenizers

/// `text-generation`: texts that go on where prompts end, and answers to chats.
public struct TextGeneration: PipelineTask {
    /// The text or chat that is continued.
    public enum Input: Sendable, Equatable {
        /// A prompt.
        case text(String)
        /// A chat, of which the model's chat template makes a prompt. If the last message is the assistant's, the model
        /// goes on with it.
        case chat([ChatMessage])
        /// The tokens of a prompt, to which none are added.
        case tokens([Int32])
        /// A gap that is filled in.
        case gap(TextGap)
    }

    /// The rules by which texts go on, and what is told of them.
    public struct Options: TaskOptions {
        /// The rules by which tokens are chosen, and texts end.
        public var generation = GenerationOptions()
        /// The rules that stand in for those of which neither ``generation`` nor the checkpoint says anything.
        public var fallback = GenerationOptions()
        /// The options of making a prompt of a chat.
        public var chat = ChatOptions()
        /// True if the prompt is part of the text, and the chat is told with the answer; nil if so.
        public var returnFullText: Bool?
        /// Texts that are drawn for each prompt, of which the best are told, by how likely their tokens are on average;
        /// nil for those alone that are told.
        public var bestOf: Int?
        /// A text put before each prompt that is no chat.
        public var prefix: String?
        /// Tokens of the prompt that are kept, its last ones; nil for all.
        public var truncate: Int?
        /// True if special tokens are left out of texts.
        public var skipSpecialTokens = true
        /// True if a text ends in front of the stop string or the end token at which it ends; if not, behind it.
        public var cutsAtStops = false
        /// True if the first word of a text that goes on with a prompt keeps the space in front of it, as other servers
        /// have it; the decoders of some tokenizers take it away, and so does the pipeline.
        package var keepsFirstSpace = false
        /// True if texts do not end at stop strings either before they have as many tokens as they have at least, as vLLM
        /// has it; if not, at end tokens alone.
        package var stopsWait = false
        /// Tokens that a model thinks with before it answers a chat, at most; nil for any number.
        package var thoughtTokens: Int?
        /// True if a thought in front of the answer is told apart: forms and stop strings are about what follows it.
        package var tellsThoughtsApart = false
        /// True if tokens are told, and the reasons that texts ended.
        public var details = false

        /// The defaults.
        public init() {}

        /// True if tokens are told, as those of the prompt are with the others alone.
        var tellsTokens: Bool { details || tellsPrompt }
        /// True if the tokens of the prompt are told, too.
        var tellsPrompt: Bool {
            get { generation.promptLogprobs != nil }
            set { generation.promptLogprobs = newValue ? generation.promptLogprobs ?? 0 : nil }
        }
    }

    /// A text that was generated.
    public struct Generation: Sendable {
        /// A token of it.
        public struct Token: Sendable {
            /// Its id.
            public let id: Int
            /// The part that it added to the text.
            public let text: String
            /// The logarithm of its probability by the model alone; nil if that was not asked for.
            public let logprob: Float?
            /// True if it is a special token.
            public let isSpecial: Bool
            /// The likeliest tokens of its place by the model alone, as many as `logprobs` asks for.
            public var likeliest: [Token] = []
            /// Of a token of the prompt its place among all tokens by how likely they were, 1 being the likeliest.
            public let rank: Int?
            /// The token by itself, whatever it added to the text.
            package let spelling: String
            /// The bytes of a token that is no text by itself, such as a part of a character; nil if they are not known.
            package let partBytes: [UInt8]?

            init(
                id: Int, text: String, logprob: Float?, isSpecial: Bool, likeliest: [Token] = [],
                spelling: String? = nil, partBytes: [UInt8]? = nil, rank: Int? = nil
            ) {
                (self.id, self.text, self.logprob, self.isSpecial) = (id, text, logprob, isSpecial)
                (self.likeliest, self.spelling, self.rank) = (likeliest, spelling ?? text, rank)
                self.partBytes = partBytes
            }
        }

        /// The text, behind the prompt if that was asked for; to a chat the answer alone.
        public let text: String
        /// The chat with the assistant's message, if that was asked for; nil for a prompt that is no chat.
        public let chat: [ChatMessage]?
        /// The tokens of the prompt, each by itself, if `promptLogprobs` asks for them; the first has no probability.
        public let prompt: [Token]
        /// Its tokens without those of the prompt.
        public let tokens: [Token]
        /// The reason that it ended: `length`, `eos_token` or `stop_sequence`.
        public var finishReason: String { end.rawValue }
        /// The reason that it ended.
        package let end: FinishReason
        /// The stop string at which it ended; nil if it ended at none.
        public let stopString: String?
        /// Tokens of the prompt.
        public let promptTokens: Int
        /// True if the prompt of a chat has begun a thought, with which the text goes on.
        package let opensThought: Bool
        /// With which the same comes again.
        public let seed: UInt64
    }

    /// As many texts as were asked for.
    public typealias Output = [Generation]

    let encoder: TextEncoder
    /// Makes prompts of chats.
    let chats: ChatPrompts
    /// The settings of the checkpoint by which texts go on.
    private let file: GenerationOptions
    /// The tokens by which the model is shown gaps; nil if it is not known to fill them.
    let gapTokens: GapTokens?
    /// The forms that texts are asked for.
    private let structures: OutputStructures
}

extension TextGeneration: TaskSteps {
    package static let readout = Readout.nextTokenLogits

    package struct Plan: Sendable {
        let settings: GenerationSettings
        /// The form that texts have to have; nil for any.
        let structure: TokenMatcher?
        let options: Options
        /// Texts that are told of each prompt.
        let told: Int
        /// True if pieces are taken as they come, so that only a few are kept.
        var isStreamed = false
    }

    /// The input, and the tokens of its prompt.
    package struct Question: Sendable {
        let input: Input
        let tokens: Int
        /// That of the request, or one of its own, so that the texts of a prompt that is there twice are drawn twice.
        let seed: UInt64
        /// True if the text goes on with that of the prompt.
        let isGoingOn: Bool
        /// The thought at the end of the prompt.
        let thought: PromptThought
    }

    package typealias Reading = GeneratedText

    package init(_ resources: TaskResources) throws {
        encoder = TextEncoder(tokenizer: resources.tokenizer, limits: resources.limits)
        chats = try ChatPrompts(resources.checkpoint, resources.tokenizer)
        file = try GenerationConfig.options(of: resources.checkpoint)
        gapTokens = GapTokens(
            resources.tokenizer, resources.checkpoint, vocabularySize: resources.limits.vocabularySize)
        structures = OutputStructures(
            tokenizer: resources.tokenizer, vocabularySize: resources.limits.vocabularySize)
    }

    package var warnings: [String] { chats.warnings }

    package func plan(_ options: Options, in scope: RequestScope) async throws(PipelineError) -> Plan {
        var requested = options.generation
        let searches = (requested.numBeams ?? file.numBeams ?? options.fallback.numBeams ?? 1) > 1
        let ranks = options.bestOf ?? 1 > 1
        if options.tellsTokens || ranks, requested.logprobs == nil, !searches { requested.logprobs = 0 }
        var settings = try GenerationSettings(
            requested, over: file, fallback: options.fallback, vocabularySize: encoder.limits.vocabularySize)
        let told = try settings.draw(best: options.bestOf)
        if let prefix = options.prefix, !prefix.isEmpty {
            settings.lengthen(by: try encoder.encode(.text(prefix), truncation: nil, addSpecialTokens: false).ids.count)
        }
        var structure: TokenMatcher?
        if let form = settings.structure { structure = try await structures.matcher(of: form) }
        return Plan(settings: settings, structure: structure, options: options, told: told)
    }

    package func prepare(
        _ input: Input, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> PreparedInput<Question> {
        let options = plan.options
        var (ids, thought) = try ids(of: input, options, in: scope)
        if let most = options.truncate { ids = ids.suffix(most) }
        if ids.isEmpty, let start = plan.settings.bosTokenId { ids = [start] }
        try check(ids, plan)
        let choices = max(1, plan.settings.numReturnSequences)
        let sequence = ModelInput(
            ids: ids, typeIDs: Array(repeating: 0, count: ids.count), reading: Self.readout, of: .sequence)
        return PreparedInput(
            Array(repeating: sequence, count: choices),
            Question(
                input: input, tokens: ids.count, seed: plan.settings.seed ?? .random(in: 0...UInt64(Int64.max)),
                isGoingOn: goesOn(with: ids, of: input, options), thought: thought),
            answerBytes: answerBytes(of: input, tokens: ids.count, choices, plan))
    }

    private func check(_ ids: [Int32], _ plan: Plan) throws(PipelineError) {
        guard !ids.isEmpty else {
            throw PipelineError(.invalidInputs, "the prompt has no tokens, and the model has none to begin with")
        }
        let (limit, room) = (encoder.limits.tokens, plan.settings.leastRoom)
        guard ids.count <= limit - room else {
            throw PipelineError(
                .inputTooLong,
                "the prompt has \(ids.count) tokens, but the model takes \(limit) together with the answer; shorten it, or"
                    + " ask for its last tokens with truncate")
        }
        guard plan.settings.longest(promptLength: ids.count, limit: limit) >= ids.count + room else {
            throw PipelineError(
                .inputTooLong,
                "the prompt has \(ids.count) tokens, so that max_length leaves none for the answer; use max_new_tokens")
        }
        if let id = ids.first(where: { $0 < 0 || $0 >= encoder.limits.vocabularySize }) {
            throw PipelineError(
                .invalidInputs,
                "the tokenizer gives token \(id), but the model's vocabulary has \(encoder.limits.vocabularySize): "
                    + "tokenizer and model do not belong together")
        }
    }

    /// Pieces of a stream that wait for the client, about.
    private static let mostPieces = 64

    /// The bytes that an answer takes at most: texts, and some 256 bytes for what is told of each token; of a stream the
    /// text and a few tokens.
    private func answerBytes(of input: Input, tokens: Int, _ choices: Int, _ plan: Plan) -> Int {
        var promptBytes =
            switch input {
            case .text(let prompt): AnswerSize.product(6, (plan.options.prefix ?? "").utf8.count + prompt.utf8.count)
            case .chat(let messages): messages.reduce(0) { AnswerSize.sum($0, $1.jsonBytes + 1) }
            case .tokens(let ids): AnswerSize.product(64, ids.count)
            case .gap(let gap): AnswerSize.product(6, gap.prefix.utf8.count)
            }
        if let likeliest = plan.settings.promptLogprobs {
            let scored = AnswerSize.product(tokens, Self.tokenBytes(likeliest: likeliest))
            promptBytes = AnswerSize.sum(promptBytes, scored)
        }
        let most = plan.settings.longest(promptLength: tokens, limit: encoder.limits.tokens) - tokens
        let perToken = plan.options.tellsTokens ? Self.tokenBytes(likeliest: plan.settings.logprobs ?? 0) : 64
        let tokens =
            plan.isStreamed
            ? AnswerSize.sum(AnswerSize.product(min(most, Self.mostPieces), perToken), AnswerSize.product(most, 16))
            : AnswerSize.product(most, perToken)
        return AnswerSize.product(choices, AnswerSize.sum(AnswerSize.sum(promptBytes, 512), tokens))
    }

    /// The bytes of what is told of a token.
    private static func tokenBytes(likeliest: Int) -> Int { 256 * (2 + likeliest) }

    package func generation(of index: Int, _ question: Question, _ plan: Plan) -> SequenceGeneration? {
        SequenceGeneration(
            settings(plan, behind: question.thought), choice: index, seed: question.seed, tokenizer: encoder.tokenizer,
            skipSpecialTokens: plan.options.skipSpecialTokens && !chats.hasResponseTemplate,
            cutsAtStops: plan.options.cutsAtStops,
            isBehindText: plan.options.keepsFirstSpace && question.isGoingOn, stopsWait: plan.options.stopsWait,
            structure: plan.structure)
    }

    package func read(
        _ rows: Matrix, of index: Int, _ question: Question, _ plan: Plan, on cpu: CPU, into reading: inout Reading?
    ) {
        preconditionFailure("what generates is not read in one pass")
    }

    package func output(
        _ readings: ArraySlice<GeneratedText>, _ question: Question, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> Output {
        var generations: [Generation] = []
        // All texts have the same prompt.
        let prompt = try promptTokens(readings.first?.prompt ?? [], in: scope)
        for reading in readings {
            try scope.check()
            generations.append(
                Generation(
                    text: text(question, plan.options, behind: reading.text),
                    chat: chat(question, plan.options, answeredBy: reading.text),
                    prompt: prompt, tokens: reading.tokens.map { token(of: $0.token, text: $0.text) },
                    end: reading.end ?? .length, stopString: stopString(reading.stopString, plan),
                    promptTokens: question.tokens, opensThought: question.thought == .begun, seed: question.seed))
        }
        return best(of: generations, plan)
    }

    /// The stop string of a place among those of the settings.
    func stopString(_ place: Int?, _ plan: Plan) -> String? {
        place.flatMap { plan.settings.stopStrings.indices.contains($0) ? plan.settings.stopStrings[$0] : nil }
    }
}
