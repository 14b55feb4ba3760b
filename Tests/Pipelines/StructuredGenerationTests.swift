import Foundation
import PenstockGrammars
import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

@Suite struct StructuredGenerationTests {
    private static let tokens = ["a", "b", "ab", "ba", "c", ""]
    private static let endToken: Int32 = 5
    private static let texts = ["ab", "ba", "abba", "abab", "c", "aa"]

    private static func matcher(_ grammar: Grammar? = nil) throws -> TokenMatcher {
        TokenMatcher(try grammar ?? .choice(of: texts), TokenVocabulary(tokens.map { Array($0.utf8) }))
    }

    /// Scores that depend on the tokens before.
    private static func scores(behind answer: [Int32]) -> [Float] {
        let state = answer.reduce(1) { ($0 * 31 + Int($1) + 7) % 1009 }
        return tokens.indices.map { Float(sin(Double(state * 13 + $0 * 71))) * 2 }
    }

    /// The tokens that lead to one of the texts, each looked at by itself.
    private static func allowed(behind answer: [Int32]) -> Set<Int> {
        let text = answer.map { tokens[Int($0)] }.joined()
        return Set(
            tokens.indices.filter { id in
                id == endToken ? texts.contains(text) : texts.contains { $0.hasPrefix(text + tokens[id]) }
            })
    }

    private static func settings(_ parameters: String) throws -> GenerationSettings {
        let object = try #require(try JSONValue(parsing: parameters.utf8).object)
        let options = try GenerationOptions.options.parse(object)
        return try GenerationSettings(options, vocabularySize: tokens.count)
    }

    private static func processed(
        _ settings: GenerationSettings, _ answer: [Int32], _ scores: [Float], _ structure: TokenMatcher?
    ) throws -> [Float] {
        var scores = scores
        var chooser = TokenChooser(
            settings, prompt: [0], answer: answer, choice: 0, seed: 0, structure: structure)
        try scores.withUnsafeMutableBufferPointer { try chooser.process($0) }
        return scores
    }

    /// A thought in front of a text may be anything but the end.
    @Test(
        arguments: [
            (6, [], [0, 1, 2, 3, 4, 6]), (6, [6], [0, 1, 2, 3, 4, 6, 7]),
            (6, [6, 0, 6], [0, 1, 2, 3, 4, 6, 7]), (6, [6, 0, 7], [0, 1, 2, 3, 4]),
            (6, [6, 7, 4], [5]), (6, [4], [5]), (6, [0, 0], [5]),
            // The prompt has begun it.
            (nil, [], [0, 1, 2, 3, 4, 6, 7]), (nil, [4, 6], [0, 1, 2, 3, 4, 6, 7]),
            (nil, [7], [0, 1, 2, 3, 4]), (nil, [4, 7, 4], [5]),
        ] as [(Int32?, [Int32], Set<Int>)])
    func thoughtsMayStandInFront(opener: Int32?, answer: [Int32], expected: Set<Int>) throws {
        var settings = try Self.settings(#"{"eos_token_id": 5}"#)
        settings.thought = ThoughtMarks(opener: opener, closer: 7)
        let matcher = try Self.matcher()
        let scores = try Self.processed(settings, answer, Array(repeating: 1, count: 8), matcher)
        #expect(Set(scores.indices.filter { scores[$0] > -.infinity }) == expected)
    }

    // MARK: Distributions

    /// Whole texts are as likely as if tokens that do not lead to a text were drawn again and again.
    @Test func textsAreAsLikelyAsByRejection() throws {
        let settings = try Self.settings(
            #"{"do_sample": true, "temperature": 1, "top_k": 0, "eos_token_id": 5}"#)
        let matcher = try Self.matcher()
        var found: [String: Double] = [:]
        func follow(_ answer: [Int32], _ probability: Double, _ expected: Double) throws {
            let scores = Self.scores(behind: answer)
            let processed = try Self.processed(settings, answer, scores, matcher)
            let powers = processed.map { exp(Double($0)) }
            let (sum, allowed) = (powers.reduce(0, +), Self.allowed(behind: answer))
            let accepted = allowed.reduce(0.0) { $0 + exp(Double(scores[$1])) }
            for id in Self.tokens.indices {
                let own = powers[id] / sum
                let wanted = allowed.contains(id) ? exp(Double(scores[id])) / accepted : 0
                #expect(abs(own - wanted) < 1e-5)
                guard own > 0 else { continue }
                if id == Self.endToken {
                    found[answer.map { Self.tokens[Int($0)] }.joined(), default: 0] += probability * own
                } else {
                    try follow(answer + [Int32(id)], probability * own, expected * wanted)
                }
            }
            #expect(abs(probability - expected) < 1e-4)
        }
        try follow([], 1, 1)
        #expect(Set(found.keys) == Set(Self.texts))
        #expect(abs(found.values.reduce(0, +) - 1) < 1e-4)
    }

    /// Tokens that a form forbids are forbidden before anything else is done with the scores.
    @Test(arguments: [
        #"{"do_sample": false}"#, #"{"do_sample": true, "temperature": 0.3, "top_k": 2}"#,
        #"{"do_sample": true, "top_p": 0.6, "top_k": 0}"#, #"{"do_sample": true, "min_p": 0.4}"#,
        #"{"do_sample": true, "typical_p": 0.5}"#, #"{"do_sample": true, "top_h": 0.5}"#,
        #"{"do_sample": true, "epsilon_cutoff": 0.2, "eta_cutoff": 0.1}"#,
        #"{"do_sample": true, "repetition_penalty": 1.5, "presence_penalty": 1, "frequency_penalty": 0.5}"#,
        #"{"do_sample": true, "logit_bias": {"0": 5, "4": -5}, "renormalize_logits": true}"#,
        #"{"do_sample": true, "exponential_decay_length_penalty": [0, 1.5]}"#,
    ])
    func theMaskComesFirst(parameters: String) throws {
        var settings = try Self.settings(parameters)
        settings.eosTokenIds = [Self.endToken]
        let matcher = try Self.matcher()
        for answer in [[], [0], [2], [2, 3], [0, 0], [4]] as [[Int32]] {
            let (scores, allowed) = (Self.scores(behind: answer), Self.allowed(behind: answer))
            let masked = scores.indices.map { allowed.contains($0) ? scores[$0] : -.infinity }
            let own = try Self.processed(settings, answer, scores, matcher)
            #expect(own == (try Self.processed(settings, answer, masked, nil)), "\(answer)")
            for id in scores.indices where !allowed.contains(id) { #expect(own[id] == -.infinity) }
        }
    }

    /// Scores that are no numbers are replaced, but not those of tokens that a form forbids.
    @Test func whatIsReplacedStaysForbidden() throws {
        var settings = try Self.settings(#"{"do_sample": true, "remove_invalid_values": true, "top_k": 0}"#)
        settings.eosTokenIds = [Self.endToken]
        let scores: [Float] = [.nan, 1, 2, 0, .nan, .nan]
        let own = try Self.processed(settings, [0, 1], scores, Self.matcher())
        #expect(own.indices.filter { own[$0] > -.infinity } == [0, 1, 2, 3, 5])
    }

    /// Probabilities that are told are those of the model alone.
    @Test func probabilitiesAreThoseOfTheModel() throws {
        let settings = try Self.settings(#"{"do_sample": false, "logprobs": 2, "eos_token_id": 5}"#)
        var plain = TokenChooser(settings, prompt: [0], choice: 0, seed: 0)
        var chooser = TokenChooser(
            settings, prompt: [0], choice: 0, seed: 0, structure: try Self.matcher(.choice(of: ["c"])))
        let scores: [Float] = [3, 2, 1, 0, -1, 4]
        let (own, other) = (try chooser.choose(by: scores), try plain.choose(by: scores))
        #expect(own.id == 4 && other.id == 5)
        #expect(own.top == other.top)
        let sum = scores.reduce(0.0) { $0 + exp(Double($1)) }
        #expect(abs(Double(try #require(own.logprob)) - log(exp(-1) / sum)) < 1e-5)
    }

    // MARK: Ends

    @Test func theEndTokenIsTheOnlyOneWhereNothingFollows() throws {
        let settings = try Self.settings(#"{"do_sample": false, "eos_token_id": 5}"#)
        var chooser = TokenChooser(settings, prompt: [0], choice: 0, seed: 0, structure: try Self.matcher())
        let scores: [Float] = [1, 1, 1, 1, 9, 0]
        #expect(try chooser.choose(by: scores).id == 4)
        #expect(!chooser.isComplete)
        #expect(try chooser.choose(by: scores).id == Self.endToken)
    }

    /// Without an end token a text ends where nothing can follow, and only there.
    @Test func aTextWithoutEndTokensEndsByItself() throws {
        let settings = try Self.settings(#"{"do_sample": false}"#)
        var chooser = TokenChooser(settings, prompt: [0], choice: 0, seed: 0, structure: try Self.matcher())
        #expect(try chooser.choose(by: [0, 0, 9, 1, 0, 0]).id == 2)
        #expect(!chooser.isComplete)
        #expect(try chooser.choose(by: [0, 0, 9, 1, 0, 0]).id == 2)
        #expect(chooser.isComplete)
        var stops = StopConditions(settings, promptLength: 1, limit: 100)
        #expect(stops.finished(by: 2, text: nil, isComplete: false) == nil)
        #expect(stops.finished(by: 2, text: nil, isComplete: true) == .eosToken)
    }

    @Test func aTextThatNoTokenContinuesIsAnError() throws {
        let settings = try Self.settings(#"{"do_sample": false, "eos_token_id": 5}"#)
        var chooser = TokenChooser(
            settings, prompt: [0], choice: 0, seed: 0, structure: try Self.matcher(.choice(of: ["x"])))
        #expect(throws: PipelineError.self) { try chooser.choose(by: [1, 1, 1, 1, 1, 1]) }
    }

    // MARK: The option

    @Test(arguments: [
        (#"{"type": "json_object"}"#, OutputStructure.jsonObject),
        (#"{"type": "json", "value": {"type": "null"}}"#, .schema(.object(JSONObject([("type", .string("null"))])))),
        (
            #"{"type": "json", "value": "{\"type\": \"null\"}"}"#,
            .schema(.object(JSONObject([("type", .string("null"))])))
        ),
        (#"{"type": "json_schema", "value": {"name": "x", "schema": true}}"#, .schema(.bool(true))),
        (
            #"{"type": "json_schema", "value": {"properties": {}}}"#,
            .schema(.object(JSONObject([("properties", .object(JSONObject()))])))
        ),
        (#"{"type": "regex", "value": "a+"}"#, .regex("a+")),
        (#"{"type": "choice", "value": ["a", "b"]}"#, .choice(["a", "b"])),
        (#""{\"type\": \"regex\", \"value\": \"a+\"}""#, .regex("a+")),
    ])
    func formsAreRead(text: String, structure: OutputStructure) throws {
        #expect(try Self.settings("{\"grammar\": \(text)}").structure == structure)
    }

    /// A form that is remembered is not taken for another whose texts Unicode takes for the same.
    @Test func formsAreComparedByCodePoints() {
        #expect(OutputStructure.regex("\u{E9}") != .regex("e\u{301}"))
        #expect(OutputStructure.choice(["\u{E9}"]) != .choice(["e\u{301}"]))
        #expect(OutputStructure.schema(.string("\u{E9}")) != .schema(.string("e\u{301}")))
        #expect(
            OutputStructure.choice(["a", "b"]) == .choice(["a", "b"]) && OutputStructure.jsonObject == .jsonObject)
    }

    @Test(arguments: [
        "1", "{}", "true", #""{}""#, #""x""#,
        #"{"type": "xml"}"#, #"{"type": "json"}"#, #"{"type": "json", "value": "{"}"#,
        #"{"type": "json", "value": 1}"#, #"{"type": "regex", "value": 1}"#, #"{"type": "choice", "value": [1]}"#,
        #"{"type": "json_object", "value": {}}"#, #"{"type": "regex", "value": "a", "x": 1}"#,
    ])
    func otherFormsAreRefused(text: String) {
        let error = #expect(throws: PipelineError.self) { try Self.settings("{\"grammar\": \(text)}") }
        #expect(error?.message.hasPrefix("parameter grammar has to be") == true)
    }

    @Test(arguments: [
        (#""num_beams": 2"#, "parameter grammar: a beam search"),
        (#""forced_eos_token_id": 3"#, "parameter forced_eos_token_id: a grammar"),
        (#""forced_bos_token_id": 3"#, "parameter forced_bos_token_id: a grammar"),
    ])
    func whatDoesNotGoTogetherIsRefused(parameter: String, message: String) {
        let error = #expect(throws: PipelineError.self) {
            try Self.settings(#"{"grammar": {"type": "json_object"}, \#(parameter)}"#)
        }
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
    }
}
