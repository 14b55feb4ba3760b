import PenstockCompute
import PenstockJSON
import PenstockModels
import PenstockTokenizers

/// `fill-mask`: the likeliest tokens for each mask of a text.
struct FillMask: PipelineTask {
    static let readout = Readout.tokenLogits

    /// A text with its masks.
    struct Text: Sendable {
        let ids: [Int32]
        let maskPositions: [Int]
    }

    struct Question: Sendable {
        let texts: [Text]
        let answersWithList: Bool
        let topK: Int
        /// The tokens to choose from, ascending; nil for all.
        let targets: [Int]?
    }

    struct Candidate: Sendable {
        let token: Int
        let score: Float
    }

    /// For each mask its candidates, the likeliest first.
    typealias Answer = [[Candidate]]

    private static let defaultTopK = 5

    private let encoder: TextEncoder
    private let mask: (token: String, id: Int32)

    init(_ resources: TaskResources) throws {
        let tokenizer = resources.tokenizer
        guard let token = tokenizer.configuration.maskToken, let id = tokenizer.id(of: token) else {
            throw PipelineError(.unsupportedTask, "the tokenizer has no mask token, which fill-mask needs")
        }
        mask = (token, id)
        encoder = TextEncoder(tokenizer: tokenizer, limits: resources.limits)
    }

    func preprocess(
        _ inputs: JSONValue, _ parameters: inout Parameters, in scope: RequestScope
    ) async throws(PipelineError) -> TaskRequest<Question> {
        let inputs = try TextInputs(inputs)
        let vocabulary = encoder.limits.vocabularySize
        var topK = try parameters.integer("top_k", atLeast: 0) ?? Self.defaultTopK
        var targets: [Int]?
        if let names = try parameters.strings("targets") { targets = try await ids(of: names, in: scope) }
        if let targets { topK = min(topK, targets.count) }
        guard topK <= vocabulary else {
            throw PipelineError(
                .invalidParameter, "parameter top_k is \(topK), but the vocabulary has \(vocabulary) tokens")
        }
        var options = TokenizationOptions()
        try parameters.nested("tokenizer_kwargs") { (nested) throws(PipelineError) in try options.take(from: &nested) }

        var texts: [Text] = []
        var sequences: [ModelInput] = []
        var answerBytes = 0
        try await scope.forEach(inputs.texts) { (text) throws(PipelineError) in
            let encoding = try encoder.encode(text, options)
            let masks = encoding.ids.indices.filter { encoding.ids[$0] == mask.id }
            guard !masks.isEmpty else {
                throw PipelineError(.invalidInputs, "No mask_token (\(mask.token)) found on the input")
            }
            texts.append(Text(ids: encoding.ids, maskPositions: masks))
            sequences.append(ModelInput(ids: encoding.ids, typeIDs: encoding.typeIDs, rows: masks))
            let candidates = AnswerSize.product(masks.count, topK)
            answerBytes = AnswerSize.sum(answerBytes, AnswerSize.product(candidates, candidateBytes(in: encoding.ids)))
            try scope.require(answerBytes: answerBytes)
        }
        // As upstream, a list of one is answered like its element.
        let answersWithList = inputs.isList && texts.count > 1
        return TaskRequest(
            sequences, Question(texts: texts, answersWithList: answersWithList, topK: topK, targets: targets),
            answerBytes: answerBytes)
    }

    /// Bytes of a candidate for a mask of this text: the text with the token in it, the token, and some 128 for the rest.
    private func candidateBytes(in ids: [Int32]) -> Int {
        let longestToken = 64
        return JSONWriter.quotedBytes(encoder.tokenizer.decode(ids, skipSpecialTokens: false)) + 2 * longestToken + 128
    }

    func read(
        _ rows: Matrix, of index: Int, _ question: Question, on cpu: CPU, into answer: inout Answer?
    ) throws(PipelineError) {
        var candidates = answer ?? []
        for row in 0..<rows.rows {
            let scores = rows.row(row)
            cpu.softmax(scores)
            // A logit that is no finite number makes all scores NaN.
            guard let first = scores.first, first.isFinite else {
                throw PipelineError(.nonFiniteOutput, "the model computed logits that are no finite numbers")
            }
            candidates.append(Self.likeliest(question.topK, of: question.targets, scores))
        }
        answer = candidates
    }

    func postprocess(
        _ answers: [Answer], _ question: Question, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError) {
        func write(_ index: Int, _ writer: inout JSONWriter) throws(PipelineError) {
            let text = question.texts[index]
            func writeMasks(_ writer: inout JSONWriter) throws(PipelineError) {
                for (position, candidates) in zip(text.maskPositions, answers[index]) {
                    try self.write(candidates, at: position, of: text, &writer, scope)
                }
            }
            if text.maskPositions.count == 1 { try writeMasks(&writer) } else { try writer.array(writeMasks) }
        }
        guard question.answersWithList else { return try write(0, &writer) }
        try writer.array { (writer) throws(PipelineError) in
            for index in answers.indices { try write(index, &writer) }
        }
    }

    private func write(
        _ candidates: [Candidate], at position: Int, of text: Text, _ writer: inout JSONWriter, _ scope: RequestScope
    ) throws(PipelineError) {
        let tokenizer = encoder.tokenizer
        try writer.array { (writer) throws(PipelineError) in
            for candidate in candidates {
                try scope.check()
                var ids = text.ids
                ids[position] = Int32(candidate.token)
                if let pad = tokenizer.padTokenID { ids.removeAll { $0 == pad } }
                writer.object { writer in
                    writer.key("score")
                    writer.value(candidate.score)
                    writer.key("token")
                    writer.value(candidate.token)
                    writer.key("token_str")
                    writer.value(tokenizer.decode([Int32(candidate.token)], skipSpecialTokens: false))
                    writer.key("sequence")
                    // With several masks the others stay visible, and with them all special tokens.
                    writer.value(tokenizer.decode(ids, skipSpecialTokens: text.maskPositions.count == 1))
                }
            }
        }
    }

    /// The vocabulary's tokens of these names; for a name that is none, the first token that it is split into.
    private func ids(of names: [String], in scope: RequestScope) async throws(PipelineError) -> [Int] {
        var ids = Set<Int>()
        try await scope.forEach(names) { (name) throws(PipelineError) in
            var id = encoder.tokenizer.id(of: name)
            if id == nil {
                let options = TokenizationOptions(truncates: true, maxLength: 1, addSpecialTokens: false)
                id = try? encoder.encode(name, options).ids.first
            }
            guard let id, id >= 0, id < encoder.limits.vocabularySize else { return }
            ids.insert(Int(id))
        }
        guard !ids.isEmpty else {
            throw PipelineError(
                .invalidParameter, "parameter targets: at least one target of the vocabulary must be provided")
        }
        return ids.sorted()
    }

    /// The `count` highest of some scores, or of all, highest first and the lower token first where they are equal.
    private static func likeliest(
        _ count: Int, of tokens: [Int]?, _ scores: UnsafeMutableBufferPointer<Float>
    ) -> [Candidate] {
        var best: [Candidate] = []
        guard count > 0 else { return best }
        // Candidates gather up to twice the count, then the better half stays: time linear in the scores.
        best.reserveCapacity(2 * count)
        var threshold = -Float.infinity
        func keepBest() {
            best.sort { $0.score > $1.score || ($0.score == $1.score && $0.token < $1.token) }
            best.removeLast(max(0, best.count - count))
            if best.count == count, let last = best.last { threshold = last.score }
        }
        func consider(_ token: Int) {
            let score = scores[token]
            guard score > threshold else { return }
            best.append(Candidate(token: token, score: score))
            if best.count == 2 * count { keepBest() }
        }
        if let tokens { tokens.forEach(consider) } else { scores.indices.forEach(consider) }
        keepBest()
        return best
    }
}
