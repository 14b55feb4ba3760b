import PenstockGrammars
import PenstockJSON
import PenstockTestSupport
import Testing

@Suite struct RegexGrammarTests {
    @Test(
        arguments: [
            GrammarCase("abc", ["abc"], not: ["", "ab", "abcd", "xabc"]),
            GrammarCase("^abc$", ["abc"], not: ["abcd"]),
            GrammarCase("a|bc|", ["a", "bc", ""], not: ["abc", "b"]),
            GrammarCase("(?:a|b)*c", ["c", "abac"], not: ["ab", "d"]),
            GrammarCase("(?<name>x){2,3}", ["xx", "xxx"], not: ["x", "xxxx"]),
            GrammarCase("a{2}b{0,1}c{1,}", ["aac", "aabccc"], not: ["ac", "aabb", "aabbc"]),
            GrammarCase("a+?b??c*?", ["a", "aab", "abcc"], not: ["", "abb"]),
            GrammarCase("a{,2}", ["", "a", "aa"], not: ["aaa", "a{,2}"]),
            GrammarCase("a{x}", ["a{x}"], not: ["a"]),
            GrammarCase("[a-cx-]+", ["a-x", "b"], not: ["d", ""]),
            GrammarCase("[^a-z]", ["A", "é", "😀", "\n"], not: ["a", "AB", ""]),
            GrammarCase(#"\d\D\w\W\s\S"#, ["1a_- x", "0é9!\tz"], not: ["aa_- x", "1a_-  "]),
            GrammarCase(#"[\d.]+\."#, ["1.2.", ".."], not: ["1", "a."]),
            GrammarCase(#"\x41\u00e9\u{1F600}\t\n\\\/"#, ["Aé😀\t\n\\/"], not: ["Aé"]),
            GrammarCase(".", ["a", "é", "€", "😀"], not: ["", "\n", "\r", "ab"]),
            GrammarCase("[à-ÿ€-₿]", ["é", "€", "ÿ"], not: ["a", "Ā", "₠a"]),
            GrammarCase("(a|^b)(c$|d)", ["ac", "ad", "bc", "bd"], not: ["abc"]),
            GrammarCase("(a*)*b", ["b", "aab"], not: ["a"]),
            GrammarCase("((a?){3}){3}", ["", "aaaaaaaaa"], not: ["aaaaaaaaaa"]),
        ])
    func textsAreMatchedAsAWhole(_ form: GrammarCase) throws { try form.check(FormTexts(.regex(form.form))) }

    @Test(arguments: [
        ("a(?=b)", "lookahead"), ("a(?!b)", "lookahead"), ("(?<=a)b", "lookbehind"), ("(?<!a)b", "lookbehind"),
        (#"(a)\1"#, "backreference"), (#"(?<n>a)\k<n>"#, "backreference"), ("(?P<n>a)(?P=n)", "backreference"),
        (#"\bword"#, "boundary"), (#"\p{L}"#, "property"), ("(?i)a", "group"), ("a*+", "possessive"),
        ("a^b", "^"), ("a$b", "$"), ("(", "without"), ("a)", "without"), ("[a", "class"), ("[]", "empty"),
        ("[z-a]", "order"), ("a{3,2}", "order"), ("*a", "nothing"), (#"\"#, "escape"), (#"\q"#, "escape"),
        ("a{100000}", "too many"), ("(a{1000}){1000}", "too large"), ("((){1000}){1000}", "too large"),
        ("a**", "second quantifier"), ("a{2}{3}", "second quantifier"), ("a+?+", "second quantifier"),
        ("^*", "anchor"), (#"\x+1"#, "character"), (#"\u{-0}"#, "character"),
    ])
    func whatIsNotSupportedIsNamed(pattern: String, word: String) {
        let error = #expect(throws: GrammarError.self, "\(pattern)") { try Grammar.regex(pattern) }
        #expect(error?.message.contains(word) == true, "\(pattern): \(error?.message ?? "")")
    }

    @Test func deepGroupsAreRefused() {
        let pattern = String(repeating: "(", count: 10_000) + String(repeating: ")", count: 10_000)
        #expect(throws: GrammarError.self) { try Grammar.regex(pattern) }
        let quantifiers = "a" + String(repeating: "*", count: 60_000)
        #expect(throws: GrammarError.self) { try Grammar.regex(quantifiers) }
    }

    /// A class of thousands of ranges is looked at for each of its repetitions, but not for ever.
    @Test func repeatedClassesOfManyRangesAreRefused() throws {
        let scalars = stride(from: UInt32(0x3400), to: 0x4B70, by: 2).compactMap(Unicode.Scalar.init)
        let letters = String(String.UnicodeScalarView(scalars))
        let once = FormTexts(try .regex("[\(letters)]"))
        #expect(try once.accept("\u{3402}"))
        #expect(try !once.accept("\u{3403}"))
        #expect(throws: GrammarError.self) { try Grammar.regex("[\(letters)]{1000}") }
        let counted = JSONValue.object(
            JSONObject([("pattern", .string("^[\(letters)]*$")), ("maxLength", .integer(10_000))]))
        #expect(throws: GrammarError.self) { try Grammar.schema(counted) }
    }

    @Test func aPatternThatMatchesNothingIsAnError() {
        #expect(throws: GrammarError.self) { try Grammar.regex(#"a[^\s\S]"#) }
    }

    /// Expressions that are drawn match what another way of matching says.
    @Test func randomExpressionsMatchWhatTheyMean() throws {
        var random = SeededGenerator(seed: 31)
        for _ in 0..<400 {
            let expression = Expression.random(depth: 4, using: &random)
            let texts: FormTexts
            do {
                texts = FormTexts(try .regex(expression.pattern))
            } catch {
                Issue.record("\(expression.pattern): \(error)")
                continue
            }
            for _ in 0..<40 {
                let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                    ["a", "b", "c", "é"].randomElement(using: &random) ?? "a"
                }
                let means = expression.ends(in: text, from: 0).contains(text.count)
                #expect(
                    try texts.accept(text.joined().utf8) == means, "\(expression.pattern) and \(text.joined())")
            }
        }
    }
}

/// An expression that knows what it matches: the ends of all matches from a start.
private indirect enum Expression {
    case letter(String)
    case anything
    case among([String], isInverted: Bool)
    case both(Expression, Expression)
    case either(Expression, Expression)
    case repeated(Expression, least: Int, most: Int?)

    var pattern: String {
        switch self {
        case .letter(let letter): letter
        case .anything: "."
        case .among(let letters, let isInverted): "[\(isInverted ? "^" : "")\(letters.joined())]"
        case .both(let first, let second): first.pattern + second.pattern
        case .either(let first, let second): "(?:\(first.pattern)|\(second.pattern))"
        case .repeated(let inner, 0, nil): "(\(inner.pattern))*"
        case .repeated(let inner, 1, nil): "(\(inner.pattern))+?"
        case .repeated(let inner, 0, 1): "(?:\(inner.pattern))?"
        case .repeated(let inner, let least, let most):
            "(?:\(inner.pattern)){\(least),\(most.map(String.init) ?? "")}"
        }
    }

    func ends(in text: [String], from start: Int) -> Set<Int> {
        func one(_ isRight: (String) -> Bool) -> Set<Int> {
            text.indices.contains(start) && isRight(text[start]) ? [start + 1] : []
        }
        switch self {
        case .letter(let letter): return one { $0 == letter }
        case .anything: return one { _ in true }
        case .among(let letters, let isInverted): return one { letters.contains($0) != isInverted }
        case .both(let first, let second):
            return first.ends(in: text, from: start).reduce(into: []) { $0.formUnion(second.ends(in: text, from: $1)) }
        case .either(let first, let second):
            return first.ends(in: text, from: start).union(second.ends(in: text, from: start))
        case .repeated(let inner, let least, let most):
            var (ends, reached) = (Set<Int>(), Set([start]))
            // More rounds than the text has letters, beyond those that have to be, find nothing new.
            for round in 0...min(most ?? .max, least + text.count + 1) {
                if round >= least { ends.formUnion(reached) }
                reached = reached.reduce(into: []) { $0.formUnion(inner.ends(in: text, from: $1)) }
            }
            return ends
        }
    }

    static func random(depth: Int, using random: inout SeededGenerator) -> Expression {
        let letters = ["a", "b", "c", "é"]
        switch depth > 0 ? Int.random(in: 0...7, using: &random) : Int.random(in: 0...2, using: &random) {
        case 0: return .letter(letters.randomElement(using: &random) ?? "a")
        case 1: return .anything
        case 2:
            let some = letters.filter { _ in Bool.random(using: &random) }
            return .among(some.isEmpty ? ["a"] : some, isInverted: Bool.random(using: &random))
        case 3, 4: return .both(.random(depth: depth - 1, using: &random), .random(depth: depth - 1, using: &random))
        case 5: return .either(.random(depth: depth - 1, using: &random), .random(depth: depth - 1, using: &random))
        default:
            let least = Int.random(in: 0...2, using: &random)
            let most = Bool.random(using: &random) ? least + Int.random(in: 0...2, using: &random) : nil
            return .repeated(.random(depth: depth - 1, using: &random), least: least, most: most)
        }
    }
}
