/// The split pattern of cl100k (GPT-4) and its kin, which Llama-3 and Qwen2 have taken over.
struct CL100KScanner: TextPattern {
    /// The most digits that make a number.
    let maximumDigits: Int

    static let llama3 = pattern(digits: #"\p{N}{1,3}"#)
    static let qwen2 = pattern(digits: #"\p{N}"#)

    private static func pattern(digits: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
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
        if text.bytes[start] == UInt8(ascii: "'"),
            let end = Contraction.end(in: text.bytes, at: start, ignoringCase: true)
        {
            return end
        }
        let (classes, length) = text.classes(at: start)
        let next = start + length
        if classes.contains(.letter) { return text.end(of: .letter, from: next) }
        if classes.contains(.number) { return text.end(of: .number, from: next, atMost: maximumDigits - 1) }
        if !classes.contains(.newline), next < text.count, text.classes(at: next).classes.contains(.letter) {
            return text.end(of: .letter, from: next)
        }
        return text.endOfSymbols(from: start) ?? text.endOfBlanks(from: start)
    }
}

extension ClassifiedText {
    /// The end of at most so many scalars from `start` on that have one of `classes`.
    @inline(__always)
    func end(of classes: ScalarClasses, from start: Int, atMost count: Int) -> Int {
        var index = start
        for _ in 0..<count where index < bytes.count {
            let (found, length) = self.classes(at: index)
            if found.isDisjoint(with: classes) { break }
            index += length
        }
        return index
    }

    /// The end of the match of ` ?[^\s\p{L}\p{N}]+[\r\n]*` at `start`; nil if there is none.
    ///
    /// - Parameter slash: whether slashes count as line breaks at its end.
    @inline(__always)
    func endOfSymbols(from start: Int, slash: Bool = false) -> Int? {
        let first = has(UInt8(ascii: " "), at: start) ? start + 1 : start
        let end = end(without: [.space, .letter, .number], from: first)
        return end > first ? endOfNewlines(from: end, slash: slash) : nil
    }

    /// The end of the match of `[\r\n]*` at `start`.
    @inline(__always)
    func endOfNewlines(from start: Int, slash: Bool = false) -> Int {
        var index = start
        while has(UInt8(ascii: "\n"), at: index) || has(UInt8(ascii: "\r"), at: index)
            || (slash && has(UInt8(ascii: "/"), at: index))
        {
            index += 1
        }
        return index
    }

    /// The end of the match of `\s*[\r\n]+|\s+(?!\S)|\s+` at `start`, where white space stands.
    @inline(__always)
    func endOfBlanks(from start: Int) -> Int {
        var index = start
        var last = start
        var newlines: Int?
        while index < bytes.count {
            let (found, length) = classes(at: index)
            if !found.contains(.space) {
                // All but the last scalar, if there are several.
                return newlines ?? (last > start ? last : index)
            }
            last = index
            index += length
            if found.contains(.newline) { newlines = index }
        }
        return newlines ?? index
    }
}
