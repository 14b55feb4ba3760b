/// Finds added tokens in a text: at each place the longest, from left to right, without overlap.
struct AddedTokenMatcher: Sendable {
    private let trie: ByteTrie
    /// Those that are looked for and taken.
    private let tokens: [Int32: AddedToken]
    /// The bytes with which tokens begin: where none of them stands, no token does.
    private let firstBytes: [Bool]

    /// - Parameters:
    ///   - tokens: the tokens to find, by id.
    ///   - names: what to find each of them by; an empty name is never found.
    ///   - ignored: those that are found, but left to the text that they stand in.
    init(_ tokens: [Int32: AddedToken], names: [Int32: String], ignoring ignored: Set<Int32> = []) {
        self.tokens = tokens.filter { !ignored.contains($0.key) }
        let keys = tokens.keys.sorted().compactMap { id in names[id].map { (key: Array($0.utf8)[...], value: id) } }
        trie = ByteTrie(keys.filter { !$0.key.isEmpty })
        var firstBytes = Array(repeating: false, count: 256)
        for (key, _) in keys { if let first = key.first { firstBytes[Int(first)] = true } }
        self.firstBytes = firstBytes
    }

    /// Cuts `bytes` into tokens and what stands between them.
    ///
    /// - Parameter isPossible: whether a token may stand in a range, without the white space that it absorbs. Where it may
    ///   not, a shorter one may, or there is text.
    func pieces(
        of bytes: [UInt8], where isPossible: (_ id: Int32, Range<Int>) -> Bool = { _, _ in true }
    ) -> [PreTokenizedText.Piece] {
        let whole = PreTokenizedText.Piece(range: bytes.indices)
        if tokens.isEmpty { return [whole] }
        return bytes.withUnsafeBufferPointer { bytes in
            var pieces: [PreTokenizedText.Piece] = []
            var end = 0
            var index = 0
            while let match = nextMatch(in: bytes, from: index, where: isPossible) {
                index = match.range.upperBound
                guard let range = extent(of: match, in: bytes, after: end) else { continue }
                if end < range.lowerBound { pieces.append(PreTokenizedText.Piece(range: end..<range.lowerBound)) }
                pieces.append(PreTokenizedText.Piece(range: range, addedTokenID: match.id))
                end = range.upperBound
            }
            if pieces.isEmpty { return [whole] }
            if end < bytes.count { pieces.append(PreTokenizedText.Piece(range: end..<bytes.count)) }
            return pieces
        }
    }

    private func nextMatch(
        in bytes: UnsafeBufferPointer<UInt8>, from start: Int,
        where isPossible: (_ id: Int32, Range<Int>) -> Bool
    ) -> (id: Int32, range: Range<Int>)? {
        firstBytes.withUnsafeBufferPointer { firstBytes in
            trie.withReader { trie in
                for index in start..<bytes.count where firstBytes[Int(bytes[index])] {
                    var longest: (id: Int32, range: Range<Int>)?
                    trie.forEachMatch(in: bytes, from: index) { id, end in
                        if isPossible(id, index..<end) { longest = (id, index..<end) }
                    }
                    if let longest { return longest }
                }
                return nil
            }
        }
    }

    /// Returns the part of the text that a match takes, of which everything before `end` is taken; nil if its token
    /// does not want to stand there.
    private func extent(
        of match: (id: Int32, range: Range<Int>), in bytes: UnsafeBufferPointer<UInt8>, after end: Int
    ) -> Range<Int>? {
        guard let token = tokens[match.id] else { return nil }
        var (start, stop) = (match.range.lowerBound, match.range.upperBound)
        if token.singleWord {
            if start > 0, UpstreamUnicode.isWord(UTF8Reading.scalar(in: bytes, before: start).scalar) { return nil }
            if stop < bytes.count, UpstreamUnicode.isWord(UTF8Reading.scalar(in: bytes, at: stop).scalar) { return nil }
        }
        // Spaces that a token before absorbed stay with that.
        if token.lstrip {
            while start > end, case let (scalar, length) = UTF8Reading.scalar(in: bytes, before: start),
                UpstreamUnicode.isWhitespace(scalar)
            {
                start -= length
            }
        }
        if token.rstrip {
            while stop < bytes.count, case let (scalar, length) = UTF8Reading.scalar(in: bytes, at: stop),
                UpstreamUnicode.isWhitespace(scalar)
            {
                stop += length
            }
        }
        start = min(max(start, end), stop)
        return start..<stop
    }
}
