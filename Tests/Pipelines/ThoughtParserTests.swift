import PenstockPipelines
import Testing

/// Thoughts at the beginning of answers, in one piece and in any others.
@Suite struct ThoughtParserTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let answer: String
        var isOpen = false
        let thoughts: String
        let text: String

        var testDescription: String { answer }
    }

    /// Tokens are those of the thoughts, from the one with the first mark to the one with the last.
    @Test(
        arguments: [
            ([" ", "<think>", "a", "b ", "</think>", "c"], false, 4), (["<thi", "nk>", "</think>", "c"], false, 2),
            (["a", "</think>", "b"], true, 2), (["a", "b"], true, 2), (["a", "<think>"], false, 0),
        ] as [([String], Bool, Int)])
    func tokensAreCounted(texts: [String], isOpen: Bool, tokens: Int) throws {
        let format = try #require(ThoughtFormat(literals: ["<think>"]))
        var parser = ThoughtParser(format, isOpen: isOpen)
        for text in texts { _ = parser.append(token: text) }
        #expect(parser.tokens == tokens)
    }

    private static let cases = [
        Case(answer: "Nothing é.", thoughts: "", text: "Nothing é."),
        Case(answer: "", thoughts: "", text: ""),
        Case(answer: " \n", thoughts: "", text: " \n"),
        Case(answer: "<think>\nWell, é. \n\n</think>\n\nSo.\n", thoughts: "Well, é.", text: "So.\n"),
        Case(answer: " \n<think>a</think>b", thoughts: "a", text: "b"),
        Case(answer: "<think>\n\n</think>\n\nSo.", thoughts: "", text: "So."),
        Case(answer: "<think></think>", thoughts: "", text: ""),
        // The end is missing.
        Case(answer: "<think>a\n b", thoughts: "a\n b", text: ""),
        Case(answer: "<think>a \n", thoughts: "a", text: ""),
        Case(answer: "<think>a </thi", thoughts: "a </thi", text: ""),
        // Parts of marks, and marks in other places, are words.
        Case(answer: "<think>a <</think>", thoughts: "a <", text: ""),
        Case(answer: "<think>a </b> </think>c", thoughts: "a </b>", text: "c"),
        Case(answer: "<think><think></think></think>", thoughts: "<think>", text: "</think>"),
        Case(answer: " <thi", thoughts: "", text: " <thi"),
        Case(answer: "<thinking>", thoughts: "", text: "<thinking>"),
        Case(answer: "a <think>b</think>", thoughts: "", text: "a <think>b</think>"),
        Case(answer: "a</think>b", thoughts: "", text: "a</think>b"),
        // The prompt has begun the thoughts.
        Case(answer: "\na\n</think>\n\nb", isOpen: true, thoughts: "a", text: "b"),
        Case(answer: "</think>b", isOpen: true, thoughts: "", text: "b"),
        Case(answer: "a", isOpen: true, thoughts: "a", text: ""),
    ]

    private static func format() throws -> ThoughtFormat { try #require(ThoughtFormat(literals: ["<think>"])) }

    /// The same comes of an answer as a whole, of one that is cut into two at any place, and after every character.
    @Test(arguments: cases) func thoughtsAreToldFromAnswers(sample: Case) throws {
        let first = ThoughtParser(try Self.format(), isOpen: sample.isOpen)
        let (thoughts, text) = ThoughtParser.parse(sample.answer, by: first)
        #expect(thoughts == sample.thoughts && text == sample.text)
        let scalars = Array(sample.answer.unicodeScalars)
        var cuts = (0...scalars.count).map { [Array(scalars[..<$0]), Array(scalars[$0...])] }
        cuts.append(scalars.map { [$0] })
        for cut in cuts {
            var (parser, thoughts, text) = (first, "", "")
            let pieces = cut.flatMap { parser.append(String(String.UnicodeScalarView($0))) }
            for piece in pieces + parser.finish() {
                switch piece {
                case .thought(let part):
                    #expect(text.isEmpty)
                    thoughts += part
                case .text(let part): text += part
                }
            }
            #expect(thoughts == sample.thoughts && text == sample.text, "\(cut.map(\.count))")
        }
    }

    /// Only what may be a mark is held back, and white space in front of one.
    @Test func piecesComeAsSoonAsTheyAreCertain() throws {
        var parser = ThoughtParser(try Self.format(), isOpen: false)
        #expect(parser.append("<thi") == [])
        #expect(parser.append("nk>Well, a < b") == [.thought("Well, a < b")])
        #expect(parser.append(" \n</thin") == [])
        #expect(parser.append("gs>") == [.thought(" \n</things>")])
        #expect(parser.append(" c </think> d") == [.thought(" c"), .text("d")])
        #expect(parser.append(" <think>") == [.text(" <think>")])
        #expect(parser.finish() == [])
    }

    @Test func familiesAreKnownByTheirTemplates() throws {
        let common = try Self.format()
        #expect(common.closer == "</think>" && !common.marksAreSpecial)
        #expect(ThoughtFormat(literals: ["a", "</think>"]) == common)
        let mistral = try #require(ThoughtFormat(literals: ["[THINK]", "[/THINK]"]))
        #expect(mistral.opener == "[THINK]" && mistral.closer == "[/THINK]" && mistral.marksAreSpecial)
        #expect(ThoughtFormat(literals: ["<|im_start|>", "thinking"]) == nil)
    }
}
