/// The split pattern of o200k (GPT-4o, Llama-4, gpt-oss), which tells upper from lower case, and Mistral's of its kind.
struct O200KScanner: TextPattern {
    /// The most digits that make a number.
    let maximumDigits: Int
    /// True if contractions stay with the word before.
    let takesContractions: Bool

    static let gpt4o = pattern(contraction: #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#, digits: #"\p{N}{1,3}"#)
    static let tekken = pattern(contraction: "", digits: #"\p{N}"#)

    private static func pattern(contraction: String, digits: String) -> String {
        let (upper, lower) = (#"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#, #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#)
        let lead = #"[^\r\n\p{L}\p{N}]?"#
        return "\(lead)\(upper)*\(lower)+\(contraction)|\(lead)\(upper)+\(lower)*\(contraction)|\(digits)"
            + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
        ClassifiedText.with(text) { text in
            var start = 0
            while start < text.count {
                let end = endOfMatch(in: text, at: start)
                body(start..<end)
                start = end
            }
        }
    }

    @inline(__always)
    private func endOfMatch(in text: ClassifiedText, at start: Int) -> Int {
        let (classes, length) = text.classes(at: start)
        if let end = endOfWord(in: text, at: start, first: classes, length) {
            return takesContractions ? endOfContraction(in: text, at: end) : end
        }
        if classes.contains(.number) {
            return text.end(of: .number, from: start + length, atMost: maximumDigits - 1)
        }
        return text.endOfSymbols(from: start, slash: true) ?? text.endOfBlanks(from: start)
    }

    /// The end of a word with what may lead it, which is tried first: a mark may be either.
    @inline(__always)
    private func endOfWord(
        in text: ClassifiedText, at start: Int, first: ScalarClasses, _ length: Int
    ) -> Int? {
        let canLead = first.isDisjoint(with: [.letter, .number, .newline])
        let led = canLead ? start + length : nil
        if let led, let end = endOfLowercaseWord(in: text, at: led) { return end }
        if let end = endOfLowercaseWord(in: text, at: start) { return end }
        if let led, let end = endOfUppercaseWord(in: text, at: led) { return end }
        return endOfUppercaseWord(in: text, at: start)
    }

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`: after as many of the first as possible one of the
    /// second has to follow, which may be the last one that both admit.
    @inline(__always)
    private func endOfLowercaseWord(in text: ClassifiedText, at start: Int) -> Int? {
        var index = start
        var lastOfBoth: Int?
        while index < text.count {
            let (classes, length) = text.classes(at: index)
            if !classes.contains(.notLowercase) {
                if classes.contains(.notUppercase) { return text.end(of: .notUppercase, from: index + length) }
                break
            }
            index += length
            if classes.contains(.notUppercase) { lastOfBoth = index }
        }
        return lastOfBoth
    }

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`
    @inline(__always)
    private func endOfUppercaseWord(in text: ClassifiedText, at start: Int) -> Int? {
        let end = text.end(of: .notLowercase, from: start)
        return end > start ? text.end(of: .notUppercase, from: end) : nil
    }

    @inline(__always)
    private func endOfContraction(in text: ClassifiedText, at start: Int) -> Int {
        guard text.has(UInt8(ascii: "'"), at: start) else { return start }
        return Contraction.end(in: text.bytes, at: start, ignoringCase: true) ?? start
    }
}
