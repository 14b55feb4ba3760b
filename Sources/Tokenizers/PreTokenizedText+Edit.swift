extension PreTokenizedText {
    /// Cuts each piece at the matches of `pattern` in it; if `invert`, at what stands between them.
    mutating func split(at pattern: some TextPattern, _ behavior: SplitDelimiterBehavior, invert: Bool = false) {
        split { bytes, range, emit in
            var splitter = DelimiterSplitter(behavior, invert: invert)
            func emitShifted(_ part: Range<Int>) {
                emit(part.lowerBound + range.lowerBound..<part.upperBound + range.lowerBound)
            }
            pattern.forEachMatch(in: UnsafeBufferPointer(rebasing: bytes[range])) {
                splitter.append(match: $0, emitShifted)
            }
            splitter.finish(range.count, emitShifted)
        }
    }

    /// Cuts at every scalar for which `isDelimiter` holds.
    mutating func split(_ behavior: SplitDelimiterBehavior, where isDelimiter: (Unicode.Scalar) -> Bool) {
        split { bytes, range, emit in
            var splitter = DelimiterSplitter(behavior, invert: false)
            func emitShifted(_ part: Range<Int>) {
                emit(part.lowerBound + range.lowerBound..<part.upperBound + range.lowerBound)
            }
            var index = range.lowerBound
            while index < range.upperBound {
                let (scalar, length) = UTF8Reading.scalar(in: bytes, at: index)
                if isDelimiter(scalar) {
                    let start = index - range.lowerBound
                    splitter.append(match: start..<start + length, emitShifted)
                }
                index += length
            }
            splitter.finish(range.count, emitShifted)
        }
    }

    /// Puts `prefix` before each piece that is not an added token and for which `isMissing` holds, given its bytes and
    /// the index of the scalar of the original that it begins with, and writes `replacement` for each byte `space` of
    /// these pieces. The prefix counts as part of what follows.
    mutating func prepend(
        _ prefix: String, replacing space: UInt8? = nil, with replacement: String = "",
        where isMissing: (UnsafeBufferPointer<UInt8>.SubSequence, Int) -> Bool
    ) {
        rewrite { text, bytes, piece, builder in
            if isMissing(bytes[piece], text.originalRange(of: piece).lowerBound) {
                builder.append(prefix.utf8, from: text.origin(of: piece.lowerBound))
            }
            guard let space else { return builder.append(piece, of: text) }
            var start = piece.lowerBound
            for index in piece where bytes[index] == space {
                builder.append(start..<index, of: text)
                builder.append(replacement.utf8, from: text.origin(of: index))
                start = index + 1
            }
            builder.append(start..<piece.upperBound, of: text)
        }
    }

    /// Builds the text anew; `body` appends what becomes of a piece that is not an added token.
    private mutating func rewrite(
        _ body: (NormalizedText, UnsafeBufferPointer<UInt8>, Range<Int>, inout NormalizedTextBuilder) -> Void
    ) {
        var builder = NormalizedTextBuilder(from: text)
        var rewritten: [Piece] = []
        rewritten.reserveCapacity(pieces.count)
        text.bytes.withUnsafeBufferPointer { bytes in
            for piece in pieces {
                let start = builder.bytes.count
                if piece.isAddedToken {
                    builder.append(piece.range, of: text)
                } else {
                    body(text, bytes, piece.range, &builder)
                }
                rewritten.append(Piece(range: start..<builder.bytes.count, addedTokenID: piece.addedTokenID))
            }
        }
        self = PreTokenizedText(builder.text, pieces: rewritten)
    }

    /// Writes each byte of the pieces that are not added tokens as a character of `alphabet`: one or two bytes, the
    /// first in the low half.
    mutating func mapBytes(_ alphabet: [UInt16]) {
        var mapped = pieces
        var origins: [Int32] = []
        let bytes = text.withBytesAndOrigins { old, origin in
            alphabet.withUnsafeBufferPointer { alphabet in
                var count = 0
                for piece in pieces {
                    count += piece.range.count
                    if piece.isAddedToken { continue }
                    for index in piece.range where alphabet[Int(old[index])] > 0xFF { count += 1 }
                }
                return [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
                    origins = [Int32](unsafeUninitializedCapacity: count) { origins, initializedOrigins in
                        var end = 0
                        for number in pieces.indices {
                            let piece = pieces[number]
                            let start = end
                            for index in piece.range {
                                let byte = old[index]
                                let character = piece.isAddedToken ? UInt16(byte) : alphabet[Int(byte)]
                                bytes[end] = UInt8(truncatingIfNeeded: character)
                                origins[end] = origin(index)
                                end += 1
                                guard character > 0xFF else { continue }
                                bytes[end] = UInt8(character >> 8)
                                origins[end] = origin(index)
                                end += 1
                            }
                            mapped[number].range = start..<end
                        }
                        initializedOrigins = end
                    }
                    initialized = count
                }
            }
        }
        self = PreTokenizedText(NormalizedText(bytes: bytes, origins: origins), pieces: mapped)
    }
}
