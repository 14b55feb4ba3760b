import PenstockGrammars
import PenstockJSON
import PenstockTestSupport
import Testing

@Suite struct TokenMatcherTests {
    /// All bytes, and pieces of all kinds that vocabularies have.
    private static let tokens: [[UInt8]] = {
        let pieces = [
            "{\"", "\":", "\": ", "\",", "\", \"", "\"}", "\"]", "},", "}}", "[[", "]]", "[\"", "null", "true", "fal",
            "se", "12", "345", "0.", "1e", "a", "ab", "abc", " a", "name", "\"name\"", "name\": \"", "é", "éa", "aé\"",
            "€", "😀", "\\n", "\\\"", "a\\", "\\u00", "\\ud83d", "x\":1,", "  ", "a\",\"b", "aaaaaaaa", "b\"]", "{}",
            "[]",
        ].map { Array($0.utf8) }
        // Beginnings and ends of characters, and tokens twice.
        let parts: [[UInt8]] = [
            [0xC3], [0xA9], [0xF0, 0x9F], [0x98, 0x80], [0x61, 0xC3], [0xA9, 0x22], [0x61], [0x22],
        ]
        return (0...255).map { [UInt8($0)] } + pieces + parts + [[], []]
    }()

    private static let vocabulary = TokenVocabulary(tokens)

    private static let grammars: [(String, @Sendable () throws -> Grammar)] = [
        ("object", { try .jsonObject() }), ("any", { try .schema(.bool(true)) }),
        ("regex", { try .regex("(?:a|é|😀){1,5}[^x]*z?") }),
        ("choice", { try .choice(of: ["null", "name", "nothing", "é", "éa", "12345"]) }),
        (
            "record",
            {
                try .schema(
                    JSONValue(
                        parsing:
                            #"{"properties": {"name": {"type": "string", "maxLength": 3}, "a": {"type": "integer"}}, "additionalProperties": {"type": "string", "minLength": 2, "maxLength": 9}}"#
                            .utf8))
            }
        ),
        (
            "lengths",
            { try .schema(JSONValue(parsing: #"{"items": {"type": "string", "minLength": 3, "maxLength": 12}}"#.utf8)) }
        ),
        (
            "alternatives",
            {
                try .schema(
                    JSONValue(
                        parsing:
                            #"{"anyOf": [{"type": "string", "maxLength": 2}, {"type": "string", "pattern": "^a*$"}, {"enum": ["abc", "b"]}]}"#
                            .utf8))
            }
        ),
        (
            "names",
            {
                try .schema(
                    JSONValue(
                        parsing:
                            #"{"properties": {"name": {"type": "null"}, "ab": {"type": "null"}}, "additionalProperties": {"type": "string", "pattern": "x|é"}}"#
                            .utf8))
            }
        ),
        ("anything", { try .regex(".*a") }), ("nearly anything", { try .regex("[^\"b]*,(?:[a-z]|é)*") }),
        ("date", { try .schema(JSONValue(parsing: #"{"type": "string", "format": "date-time"}"#.utf8)) }),
    ]

    /// At every step of texts that are drawn, a token is allowed exactly if the form's texts begin with the text and it.
    @Test(arguments: grammars.map(\.0)) func masksAreThoseOfEachTokenByItself(name: String) throws {
        let grammar = try #require(Self.grammars.first { $0.0 == name }).1()
        var random = SeededGenerator(seed: 5)
        let (matcher, texts) = (TokenMatcher(grammar, Self.vocabulary), FormTexts(grammar))
        for _ in 0..<8 {
            var (text, tokens) = ([UInt8](), [Int32]())
            var position: TokenMatcher.Position?
            for _ in 0..<15 {
                let next = try matcher.position(position, behind: tokens, known: max(0, tokens.count - 1))
                position = next
                let choices = try #require(try matcher.choices(at: next))
                #expect(choices.mayEnd == (try texts.accept(text)))
                var allowed: [Int32] = []
                for (id, bytes) in Self.tokens.enumerated() {
                    let expected = try !bytes.isEmpty && texts.begin(with: text + bytes)
                    #expect(
                        choices.tokens.contains(Int32(id)) == expected,
                        "\(name): \(bytes) behind \(String(decoding: text, as: UTF8.self))")
                    if expected { allowed.append(Int32(id)) }
                }
                #expect(choices.tokens.isEmpty == allowed.isEmpty)
                guard let token = allowed.randomElement(using: &random) else { break }
                tokens.append(token)
                text += Self.tokens[Int(token)]
            }
        }
    }

    /// A text that begins with another token's bytes where it begins.
    @Test func theFirstTokenMayAddOtherBytes() throws {
        let vocabulary = TokenVocabulary(
            [Array(" a".utf8), Array("a".utf8), Array(" b".utf8)],
            first: [Array("a".utf8), Array("a".utf8), Array("b".utf8)])
        let matcher = TokenMatcher(try .regex("a b"), vocabulary)
        func allowed(_ tokens: [Int32]) throws -> [Int32] {
            let choices = try #require(try matcher.choices(at: matcher.position(nil, behind: tokens, known: 0)))
            return (0..<3).filter { choices.tokens.contains($0) }
        }
        #expect(try allowed([]) == [0, 1])
        #expect(try allowed([0]) == [2])
        #expect(try allowed([0, 2]) == [])
        #expect(try matcher.choices(at: matcher.position(nil, behind: [1, 2], known: 0))?.mayEnd == true)
        // A text that is not of the form allows nothing.
        #expect(try allowed([2]) == [])
        #expect(try allowed([7, -1, .max]) == [])
    }

    @Test func scoresOfOtherTokensAreMinusInfinity() throws {
        let tokens = (0..<200).map { id in id % 3 == 0 ? Array("a".utf8) : Array("b".utf8) }
        let matcher = TokenMatcher(try .regex("a+"), TokenVocabulary(tokens))
        let choices = try #require(try matcher.choices(at: matcher.position(nil, behind: [], known: 0)))
        // A model may have more scores than the vocabulary tokens, or fewer.
        for count in [0, 1, 63, 64, 130, 200, 333] {
            var scores = (0..<count).map { Float($0) }
            scores.withUnsafeMutableBufferPointer { choices.tokens.apply(to: $0) }
            for (id, score) in scores.enumerated() {
                #expect(score == (id < 200 && id % 3 == 0 ? Float(id) : -.infinity), "\(id) of \(count)")
            }
        }
    }

    /// Many threads follow texts of one form.
    @Test func threadsShareAMatcher() async throws {
        let matcher = TokenMatcher(try .jsonObject(), Self.vocabulary)
        let token = try #require(Self.tokens.firstIndex(of: Array("{\"".utf8)))
        let masks = try await withThrowingTaskGroup(of: [Bool].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var bits: [Bool] = []
                    let rest = Array("ab\": \"".utf8).map { Int32($0) }
                    for count in 0...rest.count {
                        let position = try matcher.position(
                            nil, behind: [Int32(token)] + rest.prefix(count), known: 0)
                        let tokens = try matcher.choices(at: position)?.tokens
                        bits += (0..<Int32(Self.tokens.count)).map { tokens?.contains($0) ?? false }
                    }
                    return bits
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(masks.count == 8 && masks.allSatisfy { $0 == masks[0] && $0.contains(true) })
    }

    /// What takes a text too long to follow is given up, so that others have their turn.
    @Test func workForATokenIsBounded() throws {
        let words = (0..<256).map { word in (0..<8).map { UInt8(ascii: word >> $0 & 1 == 0 ? "a" : "z") } }
        let matcher = TokenMatcher(try .regex(".*a(?:.(?:|){300}){20}"), TokenVocabulary(words))
        let behind = try matcher.position(nil, behind: [0, 0], known: 0)
        #expect(throws: GrammarError.self) { try matcher.choices(at: behind) }
        // Each text anew, as when all was forgotten: long ones of plain forms are followed to their end.
        let plain = TokenMatcher(try .regex("(?:a|z)*"), TokenVocabulary(words))
        let long = [Int32](repeating: 5, count: 200_000)
        #expect(try plain.choices(at: plain.position(nil, behind: long, known: 0))?.mayEnd == true)
    }

    /// Expressions with very many states are followed, or given up, but never without bounds.
    @Test(arguments: ["(?:a|b)*a(?:a|b){14}", "(?:a?b?){200}", "(?:.{0,40}a){20}"])
    func manyStatesAreBounded(pattern: String) throws {
        let matcher = TokenMatcher(try .regex(pattern), Self.vocabulary)
        var random = SeededGenerator(seed: 2)
        var (tokens, position): ([Int32], TokenMatcher.Position?) = ([], nil)
        do {
            for _ in 0..<60 {
                let next = try matcher.position(position, behind: tokens, known: max(0, tokens.count - 1))
                position = next
                let choices = try #require(try matcher.choices(at: next))
                let allowed = (0..<Int32(Self.tokens.count)).filter { choices.tokens.contains($0) }
                guard let token = allowed.randomElement(using: &random) else { break }
                tokens.append(token)
            }
        } catch {
            #expect(error is GrammarError)
        }
    }
}
