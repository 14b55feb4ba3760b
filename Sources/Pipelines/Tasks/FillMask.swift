import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// `fill-mask`: the likeliest tokens for each mask of a text.
public struct FillMask: PipelineTask {
    /// A text with at least one mask token.
    public typealias Input = String

    /// The options of which tokens are asked for.
    public struct Options: TaskOptions {
        /// The count of tokens that are given for each mask; no more than there are targets.
        public var topK = 5
        /// The tokens to choose from; nil for the whole vocabulary.
        public var targets: [String]?
        /// The arguments for the tokenizer.
        public var tokenization = TokenizerArguments()

        /// The defaults.
        public init() {}
    }

    /// A token that may stand in a mask's place.
    public struct Candidate: Sendable {
        /// Its probability among all tokens of the vocabulary.
        public let score: Float
        /// Its id.
        public let token: Int
        /// Its text.
        public let tokenText: String
        /// The text with the token in it.
        public let sequence: String
    }

    /// For each mask its candidates, the likeliest first.
    public typealias Output = [[Candidate]]

    private let encoder: TextEncoder
    private let mask: (token: String, id: Int32)
    /// The token that stands in a text for a missing one.
    package var maskToken: String { mask.token }
}

extension FillMask: TaskSteps {
    package static let readout = Readout.vocabularyLogits

    package struct Plan: Sendable {
        let topK: Int
        /// The tokens to choose from, ascending; nil for all.
        let targets: [Int]?
        let tokenization: TokenizerArguments
    }

    /// A text with its masks.
    package struct Question: Sendable {
        let ids: [Int32]
        let maskPositions: [Int]
    }

    /// For each mask its tokens, the likeliest first.
    package typealias Reading = [[ScoredToken]]

    package init(_ resources: TaskResources) throws {
        let tokenizer = resources.tokenizer
        guard let token = tokenizer.configuration.maskToken, let id = tokenizer.id(of: token) else {
            throw PipelineError(.unsupportedTask, "the tokenizer has no mask token, which fill-mask needs")
        }
        mask = (token, id)
        encoder = TextEncoder(tokenizer: tokenizer, limits: resources.limits)
    }

    package func plan(_ options: Options, in scope: RequestScope) async throws(PipelineError) -> Plan {
        let vocabulary = encoder.limits.vocabularySize
        var targets: [Int]?
        if let names = options.targets { targets = try await ids(of: names, in: scope) }
        let topK = min(options.topK, targets?.count ?? options.topK)
        guard (0...vocabulary).contains(topK) else {
            throw PipelineError(
                .invalidParameter, "parameter top_k is \(topK), but the vocabulary has \(vocabulary) tokens")
        }
        return Plan(topK: topK, targets: targets, tokenization: options.tokenization)
    }

    package func prepare(
        _ text: String, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> PreparedInput<Question> {
        let encoding = try encoder.encode(.text(text), plan.tokenization)
        let masks = encoding.ids.indices.filter { encoding.ids[$0] == mask.id }
        guard !masks.isEmpty else {
            throw PipelineError(.invalidInputs, "No mask_token (\(mask.token)) found on the input")
        }
        let candidates = AnswerSize.product(masks.count, plan.topK)
        return PreparedInput(
            [
                ModelInput(
                    ids: encoding.ids, typeIDs: encoding.typeIDs, reading: Self.readout, of: .someTokens(masks))
            ],
            Question(ids: encoding.ids, maskPositions: masks),
            answerBytes: AnswerSize.product(candidates, candidateBytes(in: encoding.ids)))
    }

    /// Bytes of a candidate for a mask of this text: the text with the token in it, the token, and some 128 for the rest.
    private func candidateBytes(in ids: [Int32]) -> Int {
        let longestToken = 64
        return JSONWriter.quotedBytes(encoder.tokenizer.decode(ids, skipSpecialTokens: false)) + 2 * longestToken + 128
    }

    package func read(
        _ rows: Matrix, of index: Int, _ question: Question, _ plan: Plan, on cpu: CPU, into reading: inout Reading?
    ) throws(PipelineError) {
        var found = [[ScoredToken]](repeating: [], count: rows.rows)
        found.withUnsafeMutableBufferPointer { found in
            cpu.forEachItem(
                of: rows.rows, LikeliestTokens(rows: rows, topK: plan.topK, targets: plan.targets, found: found))
        }
        // A logit that is no finite number makes all scores NaN.
        guard (0..<rows.rows).allSatisfy({ rows.row($0).first?.isFinite ?? false }) else {
            throw PipelineError(.nonFiniteOutput, "the model computed logits that are no finite numbers")
        }
        reading = reading ?? []
        reading?.append(contentsOf: found)
    }

    /// The likeliest tokens for each mask, by its row of logits, which become scores.
    private struct LikeliestTokens: ItemsJob {
        let rows: Matrix
        let topK: Int
        let targets: [Int]?
        let found: UnsafeMutableBufferPointer<[ScoredToken]>

        func run(_ row: Int, on cpu: CPU) {
            let scores = rows.row(row)
            cpu.softmax(scores)
            found[row] = ScoredToken.likeliest(topK, of: targets, scores)
        }
    }

    package func output(
        _ readings: ArraySlice<Reading>, _ question: Question, _ plan: Plan, in scope: RequestScope
    ) throws(PipelineError) -> Output {
        var masks: Output = []
        for (position, tokens) in zip(question.maskPositions, readings[readings.startIndex]) {
            var candidates: [Candidate] = []
            for token in tokens {
                try scope.check()
                candidates.append(candidate(token, at: position, of: question))
            }
            masks.append(candidates)
        }
        return masks
    }

    private func candidate(_ token: ScoredToken, at position: Int, of question: Question) -> Candidate {
        let tokenizer = encoder.tokenizer
        var ids = question.ids
        ids[position] = Int32(token.token)
        if let pad = tokenizer.padTokenID { ids.removeAll { $0 == pad } }
        return Candidate(
            score: token.score, token: token.token,
            tokenText: tokenizer.decode([Int32(token.token)], skipSpecialTokens: false),
            // With several masks the others stay visible, and with them all special tokens.
            sequence: tokenizer.decode(ids, skipSpecialTokens: question.maskPositions.count == 1))
    }

    /// The vocabulary's tokens of these names; for a name that is none, the first token that it is split into.
    private func ids(of names: [String], in scope: RequestScope) async throws(PipelineError) -> [Int] {
        var ids = Set<Int>()
        let first = TokenizerArguments(truncation: .cut(.longestFirst), maxLength: 1, addSpecialTokens: false)
        var pace = scope.pace
        for name in names {
            try await pace.step()
            let id = encoder.tokenizer.id(of: name) ?? (try? encoder.encode(.text(name), first).ids.first)
            guard let id, id >= 0, id < encoder.limits.vocabularySize else { continue }
            ids.insert(Int(id))
        }
        guard !ids.isEmpty else {
            throw PipelineError(
                .invalidParameter, "parameter targets: at least one target of the vocabulary must be provided")
        }
        return ids.sorted()
    }
}
