extension Truncation {
    /// Most tokens that all overflowing pieces of one encoding may have together. A stride close to the length makes
    /// their number grow with the square of the text's length.
    static let mostOverflowingTokens = 1 << 24

    /// Cuts `parts` (one encoding, or the two of a pair) so that together with `addedTokens` special tokens they have
    /// at most ``maxLength`` tokens.
    ///
    /// - Throws: ``TokenizerError`` with code `truncation` where the strategy cannot reach that length.
    func apply(to parts: inout [Encoding], addedTokens: Int) throws(TokenizerError) {
        guard maxLength >= addedTokens else {
            throw TokenizerError(
                .truncation,
                "max_length \(maxLength) leaves no room for the \(addedTokens) special tokens; raise it beyond that"
            )
        }
        let room = maxLength - addedTokens
        let total = parts.reduce(0) { $0 + $1.count }
        guard total > room else { return }
        let keep = try lengths(of: parts.map(\.count), excess: total - room, room: room)
        for index in parts.indices where keep[index] < parts[index].count {
            parts[index] = try cut(parts[index], to: keep[index])
        }
        let pieces = parts.reduce(1) { $0 * ($1.overflowing.count + 1) }
        guard pieces == 1 || pieces <= Self.mostOverflowingTokens / max(maxLength, 1) else { throw tooManyPieces }
    }

    private var tooManyPieces: TokenizerError {
        TokenizerError(
            .truncation,
            "the text overflows into too many pieces at max_length \(maxLength) and stride \(stride); "
                + "lower the stride, or send a shorter text")
    }

    /// Returns the number of tokens that each part may keep.
    private func lengths(of counts: [Int], excess: Int, room: Int) throws(TokenizerError) -> [Int] {
        switch strategy {
        case .longestFirst:
            guard counts.count == 2 else { return [room] }
            let (short, long) = (min(counts[0], counts[1]), max(counts[0], counts[1]))
            var (keepShort, keepLong) = (short, max(short, room - min(short, room)))
            if keepShort + keepLong > room { (keepShort, keepLong) = (room / 2, room / 2 + room % 2) }
            keepLong = min(keepLong, long)
            return counts[0] > counts[1] ? [keepLong, keepShort] : [keepShort, keepLong]
        case .onlyFirst, .onlySecond:
            // With room for nothing upstream empties every part, whatever the strategy.
            guard room > 0 else { return counts.map { _ in 0 } }
            let target = strategy == .onlyFirst ? 0 : 1
            guard target < counts.count else {
                throw TokenizerError(
                    .truncation, "truncation only_second needs a second text; send one, or truncate longest_first")
            }
            guard counts[target] > excess else {
                throw TokenizerError(
                    .truncation,
                    "the text to truncate has only \(counts[target]) tokens of the \(excess) that must go; "
                        + "truncate longest_first, or raise max_length")
            }
            var keep = counts
            keep[target] -= excess
            return keep
        }
    }

    private func cut(_ encoding: Encoding, to length: Int) throws(TokenizerError) -> Encoding {
        guard length > 0 else {
            var empty = Encoding()
            if returnOverflowingTokens { empty.overflowing = [encoding] }
            return empty
        }
        let count = encoding.count
        guard returnOverflowingTokens else {
            return encoding[direction == .right ? 0..<length : count - length..<count]
        }
        guard 0..<length ~= stride else {
            throw TokenizerError(
                .truncation,
                "stride \(stride) must be from 0 to less than the \(length) tokens that max_length leaves for text; lower it"
            )
        }
        guard (count - 1) / (length - stride) < Self.mostOverflowingTokens / length else { throw tooManyPieces }
        // The pieces step through the text from the end that is kept, until one reaches the other end.
        var ranges: [Range<Int>] = []
        var done = 0
        repeat {
            let end = min(done + length, count)
            ranges.append(direction == .right ? done..<end : count - end..<count - done)
            if end == count { break }
            done += length - stride
        } while true
        var result = encoding[ranges[0]]
        result.overflowing = ranges.dropFirst().map { encoding[$0] }
        return result
    }
}
