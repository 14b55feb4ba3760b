/// Cuts a word into the pieces whose scores have the largest sum. (Kudo 2018; the search is Viterbi's.)
struct Unigram: TokenizerModel {
    let vocabulary: Vocabulary
    private let trie: ByteTrie
    /// The id of each piece, where that is not its place.
    private let ids: [Int32]?
    /// The log probability of each piece.
    private let scores: [Double]
    /// The place of the piece for unknown characters.
    private let unknownPlace: Int32?
    /// The score of a character that is no piece.
    private let unknownScore: Double
    private let byteFallback: ByteFallbackTokens?
    private let file: String
    private let cache = WordCache()

    /// The factor by which an unknown character is less likely than the least likely piece, in natural logarithms.
    /// (SentencePiece's `kUnkPenalty`.)
    private static let unknownPenalty = 10.0

    /// A model of these pieces.
    ///
    /// - Parameters:
    ///   - unknown: the place of the piece for unknown characters.
    ///   - vocabulary: the ids of the pieces; nil when these are their places. A piece that it lacks is unknown.
    ///   - file: where the pieces come from; errors name it.
    init(
        pieces: [(token: String, score: Double)], unknown: Int32?, vocabulary: Vocabulary? = nil, byteFallback: Bool,
        file: String
    ) {
        let places = Vocabulary(list: pieces.map(\.token))
        self.vocabulary = vocabulary ?? places
        trie = ByteTrie(places.entries)
        scores = pieces.map(\.score)
        unknownPlace = unknown
        ids = vocabulary.map { vocabulary in
            let unknownID = unknown.flatMap { vocabulary.id(of: pieces[Int($0)].token) } ?? 0
            return pieces.map { vocabulary.id(of: $0.token) ?? unknownID }
        }
        unknownScore = (scores.min() ?? .infinity) - Self.unknownPenalty
        self.byteFallback = byteFallback ? ByteFallbackTokens(self.vocabulary) : nil
        self.file = file
    }

    /// Reads a model of tokenizer.json.
    init(_ field: Field) throws(TokenizerError) {
        let vocab = field["vocab"]
        guard let elements = vocab.value?.array else { throw vocab.malformed("expected an array") }
        var pieces: [(token: String, score: Double)] = []
        pieces.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let piece = element.array, piece.count == 2, let token = piece[0].string, let score = piece[1].double
            else { throw vocab.element(index).malformed("expected a piece and its score") }
            pieces.append((token, score))
        }
        let unknown = try field["unk_id"].optional { (field) throws(TokenizerError) in
            guard !pieces.isEmpty else { throw field.malformed("the vocabulary is empty") }
            return Int32(try field.integer(in: 0...pieces.count - 1))
        }
        self.init(
            pieces: pieces, unknown: unknown, byteFallback: try field["byte_fallback"].bool(default: false),
            file: field.file)
    }

    var idOfTextItself: Int32? { unknownPlace.map(id(ofPieceAt:)) }

    var unknownID: Int32? { idOfTextItself }

    private func id(ofPieceAt place: Int32) -> Int32 { ids.map { $0[Int(place)] } ?? place }

    func tokenize(
        _ word: UnsafeBufferPointer<UInt8>, at start: Int, into tokens: inout [Token]
    ) throws(TokenizerError) {
        if cache.append(tokensOf: word, at: start, to: &tokens) { return }
        let first = tokens.count
        for piece in try bestPieces(of: word).reversed() {
            appendTokens(for: piece, of: word, at: start, to: &tokens)
        }
        cache.store(tokens[first...], of: word, at: start)
    }

    /// Appends what stands for a piece: its token, or those of its bytes, or the unknown one.
    private func appendTokens(
        for piece: Token, of word: UnsafeBufferPointer<UInt8>, at start: Int, to tokens: inout [Token]
    ) {
        let range = start + piece.range.lowerBound..<start + piece.range.upperBound
        guard piece.id == unknownPlace else {
            return tokens.append(Token(id: id(ofPieceAt: piece.id), range: range))
        }
        let bytes = UnsafeBufferPointer(rebasing: word[piece.range])
        // Unknown characters end to end may spell a piece after all, which then counts.
        if let id = vocabulary.id(of: bytes) {
            tokens.append(Token(id: id, range: range))
        } else if let byteFallback, byteFallback.covers(bytes) {
            for byte in bytes { tokens.append(Token(id: byteFallback[byte], range: range)) }
        } else {
            tokens.append(Token(id: id(ofPieceAt: piece.id), range: range))
        }
    }

    // MARK: The search

    /// The best way to a place in the word.
    private struct Node {
        var score = 0.0
        /// The place where the last piece of the way begins; -1 if no way leads there.
        var start = -1
        var id: Int32 = 0

        /// Takes the way over a piece that begins at `start`, if it is better. Of equal ones the first stays.
        @inline(__always)
        mutating func take(_ score: Double, from start: Int, id: Int32) {
            guard self.start < 0 || score > self.score else { return }
            (self.score, self.start, self.id) = (score, start, id)
        }
    }

    /// The best pieces from the last to the first, runs of unknown ones as one.
    private func bestPieces(of word: UnsafeBufferPointer<UInt8>) throws(TokenizerError) -> [Token] {
        let pieces: [Token]? = withUnsafeTemporaryAllocation(of: Node.self, capacity: word.count + 1) { nodes in
            nodes.initialize(repeating: Node())
            return search(word, nodes) ? backtrack(nodes) : nil
        }
        guard let pieces else {
            throw TokenizerError(
                .unencodable,
                "\(file): the text has a character that the vocabulary cannot express, and model.unk_id is missing; add it"
            )
        }
        return pieces
    }

    /// Fills `nodes` from the beginning to the end.
    ///
    /// - Returns: false where a character is no piece, and there is no unknown one.
    private func search(_ word: UnsafeBufferPointer<UInt8>, _ nodes: UnsafeMutableBufferPointer<Node>) -> Bool {
        trie.withReader { trie in
            var start = 0
            while start < word.count {
                let score = nodes[start].score
                let length = UTF8Reading.scalar(in: word, at: start).length
                var isPiece = false
                trie.forEachMatch(in: word, from: start) { id, end in
                    nodes[end].take(scores[Int(id)] + score, from: start, id: id)
                    if end == start + length { isPiece = true }
                }
                if !isPiece {
                    let unknown = unknownScore + score
                    let node = nodes[start + length]
                    if node.start < 0 || unknown > node.score {
                        guard let unknownPlace else { return false }
                        nodes[start + length].take(unknown, from: start, id: unknownPlace)
                    }
                }
                start += length
            }
            return true
        }
    }

    private func backtrack(_ nodes: UnsafeMutableBufferPointer<Node>) -> [Token] {
        var pieces: [Token] = []
        var end = nodes.count - 1
        while end > 0 {
            let node = nodes[end]
            if node.id == unknownPlace, let last = pieces.last, last.id == unknownPlace {
                pieces[pieces.count - 1].range = node.start..<last.range.upperBound
            } else {
                pieces.append(Token(id: node.id, range: node.start..<end))
            }
            end = node.start
        }
        return pieces
    }
}
