import PenstockTokenizers

/// Finds the entities of a text in the labels of its tokens, as `TokenClassificationPipeline` of `transformers` does.
struct EntityFinder {
    private let options: TokenClassification.Options
    private let labels: LabelNames
    private let tokenizer: Tokenizer
    private let scalars: [Unicode.Scalar]
    private let wordStarts: [Int]?
    /// Labels as bytes: Python tells apart what Swift's `String` holds equal.
    private let ignored: Set<[UInt8]>

    /// A token, or a word of several.
    private struct Part {
        var label: Int
        var score: Float
        var words: [String]
        var range: Range<Int>
        var index: Int
        var isSubword = false
    }

    init(
        _ question: TokenClassification.Question, _ options: TokenClassification.Options, _ labels: LabelNames,
        _ tokenizer: Tokenizer, scalars: [Unicode.Scalar]
    ) {
        (self.options, self.labels, self.tokenizer, self.scalars) = (options, labels, tokenizer, scalars)
        wordStarts = question.wordStarts
        ignored = Set(options.ignoredLabels.map { Array($0.utf8) })
    }

    /// The entities of a piece of the text, but for those that are ignored.
    func entities(
        of piece: Encoding, _ reading: TokenClassification.Reading
    ) -> [TokenClassification.Entity] {
        let tokens = parts(of: piece, reading)
        let entities: [TokenClassification.Entity]
        switch options.aggregation ?? .none {
        case .none: entities = tokens.map(entity)
        case .simple: entities = grouped(tokens)
        case .first, .average, .max: entities = grouped(words(of: tokens, reading))
        }
        return entities.filter { !ignored.contains(Array($0.label.utf8)) }
    }

    // MARK: Tokens

    /// The tokens of a piece that stand for text.
    private func parts(of piece: Encoding, _ reading: TokenClassification.Reading) -> [Part] {
        let names = tokenizer.tokens(of: piece)
        let unknown = tokenizer.unkTokenID
        return piece.ids.indices.compactMap { index in
            guard !piece.specialTokensMask[index] else { return nil }
            let range = range(of: index, in: piece)
            let isUnknown = piece.ids[index] == unknown
            let word = isUnknown ? String(String.UnicodeScalarView(scalars[range])) : names[index]
            return Part(
                label: reading.best[index].label, score: reading.best[index].score, words: [word], range: range,
                index: index, isSubword: !isUnknown && continuesWord(word, at: range))
        }
    }

    /// Returns the place of a token in the whole text, in scalars.
    private func range(of index: Int, in piece: Encoding) -> Range<Int> {
        let offsets = piece.offsets[index]
        var start = 0
        if let wordStarts, let word = piece.wordIDs[index], wordStarts.indices.contains(word) {
            start = wordStarts[word]
        }
        return (start + offsets.lowerBound..<start + offsets.upperBound).clamped(to: 0..<scalars.count)
    }

    /// Tells whether a token continues a word: by the length of its text where the vocabulary marks such tokens, else
    /// by the space before it.
    private func continuesWord(_ token: String, at range: Range<Int>) -> Bool {
        guard tokenizer.continuingSubwordPrefix == nil else { return token.unicodeScalars.count != range.count }
        guard range.lowerBound > 0 else { return false }
        return !scalars[range.lowerBound - 1..<min(range.lowerBound + 1, scalars.count)].contains(" ")
    }

    private func entity(_ part: Part) -> TokenClassification.Entity {
        TokenClassification.Entity(
            label: labels[part.label], score: part.score, index: part.index, word: part.words[0], range: part.range)
    }

    // MARK: Words

    /// The tokens together with those that continue them, under one label.
    private func words(of tokens: [Part], _ reading: TokenClassification.Reading) -> [Part] {
        var words: [[Part]] = []
        for token in tokens {
            if token.isSubword, !words.isEmpty {
                words[words.count - 1].append(token)
            } else {
                words.append([token])
            }
        }
        return words.compactMap { word(of: $0, reading) }
    }

    private func word(of tokens: [Part], _ reading: TokenClassification.Reading) -> Part? {
        guard var word = tokens.first, let last = tokens.last else { return nil }
        switch options.aggregation {
        case .max:
            for token in tokens where token.score > word.score { (word.label, word.score) = (token.label, token.score) }
        case .average: (word.label, word.score) = mean(of: tokens, reading)
        default: break
        }
        word.words = [tokenizer.text(ofTokens: tokens.flatMap(\.words))]
        word.range = word.range.lowerBound..<max(word.range.lowerBound, last.range.upperBound)
        return word
    }

    /// The best label of the mean of the tokens' probabilities.
    private func mean(of tokens: [Part], _ reading: TokenClassification.Reading) -> (label: Int, score: Float) {
        var best: (label: Int, score: Float) = (0, -.infinity)
        for label in 0..<labels.count {
            let sum = tokens.reduce(Float(0)) { $0 + reading.all[$1.index * labels.count + label] }
            let mean = sum / Float(tokens.count)
            if mean > best.score { best = (label, mean) }
        }
        return best
    }

    // MARK: Groups

    /// Neighbours of the same kind as one entity; what begins one says so.
    private func grouped(_ parts: [Part]) -> [TokenClassification.Entity] {
        var groups: [[Part]] = []
        for part in parts {
            let (begins, tag) = labels.entity(part.label)
            if let last = groups.last?.last, !begins, labels.entity(last.label).tag == tag {
                groups[groups.count - 1].append(part)
            } else {
                groups.append([part])
            }
        }
        return groups.compactMap(entity(of:))
    }

    private func entity(of group: [Part]) -> TokenClassification.Entity? {
        guard let first = group.first, let last = group.last else { return nil }
        let score = group.reduce(Float(0)) { $0 + $1.score } / Float(group.count)
        return TokenClassification.Entity(
            label: labels.withoutPrefix(first.label), score: score, index: nil,
            word: tokenizer.text(ofTokens: group.flatMap(\.words)),
            range: first.range.lowerBound..<max(first.range.lowerBound, last.range.upperBound))
    }

    // MARK: Pieces

    /// Of entities that overlap the longer one, and of equally long ones the surer.
    ///
    /// As upstream, the first is compared with itself, too: one without text, which overlaps nothing, comes twice.
    static func withoutOverlaps(_ entities: [TokenClassification.Entity]) -> [TokenClassification.Entity] {
        let sorted = entities.enumerated().sorted {
            ($0.element.range.lowerBound, $0.offset) < ($1.element.range.lowerBound, $1.offset)
        }.map(\.element)
        guard var previous = sorted.first else { return [] }
        var kept: [TokenClassification.Entity] = []
        for entity in sorted {
            if previous.range.contains(entity.range.lowerBound) {
                if (entity.range.count, entity.score) > (previous.range.count, previous.score) { previous = entity }
            } else {
                kept.append(previous)
                previous = entity
            }
        }
        return kept + [previous]
    }
}
