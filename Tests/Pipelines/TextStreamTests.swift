import PenstockPipelines
import PenstockTestSupport
import PenstockTokenizers
import Testing

@Suite struct TextStreamTests {
    private static func tokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(directory: Fixtures.path("tokenizer-families/\(name)"))
    }

    /// The pieces of a text's tokens until it ends, and the last piece.
    private static func pieces(
        _ ids: [Int32], _ tokenizer: Tokenizer, stop: [String] = [], skips: Bool = true, cuts: Bool = false
    ) -> (pieces: [String], read: Int, stop: Int?) {
        var stream = TextStream(
            tokenizer: tokenizer, stopStrings: stop, skipSpecialTokens: skips, cutsAtStopString: cuts)
        var pieces: [String] = []
        for (index, id) in ids.enumerated() {
            pieces.append(stream.append(id))
            if let found = stream.stopString { return (pieces + [stream.finish()], index + 1, found) }
        }
        return (pieces + [stream.finish()], ids.count, stream.stopString)
    }

    @Test(arguments: ["gpt2", "llama2", "bert", "t5"]) func piecesMakeUpTheText(_ name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        let ids = try tokenizer.encode("Café 👩‍👩‍👧‍👦 and 中文, don't . stop it").ids
        for skips in [false, true] {
            // What looks like the beginning of a stop string is held back, and comes if it is none.
            for stop in [[], ["stop it!"], ["中文.", "👩‍👩‍👧‍👧"]] {
                let result = Self.pieces(ids, tokenizer, stop: stop, skips: skips)
                #expect(result.pieces.joined() == tokenizer.decode(ids, skipSpecialTokens: skips))
                #expect(result.stop == nil)
            }
        }
    }

    /// Wherever a text is cut, what stands behind is what was there; also what stops is looked for in that.
    @Test(arguments: ["gpt2", "llama2", "t5"]) func textBehindTextKeepsItsFirstSpace(_ name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        let ids = try tokenizer.encode("one two three four").ids
        let whole = tokenizer.decode(ids, skipSpecialTokens: true)
        var cuts = 0
        for cut in ids.indices.dropFirst() {
            let start = tokenizer.decode(Array(ids[..<cut]), skipSpecialTokens: true)
            guard !start.isEmpty else { continue }
            cuts += 1
            var stream = TextStream(
                tokenizer: tokenizer, stopStrings: [], skipSpecialTokens: true, isBehindText: true)
            var text = ""
            for id in ids[cut...] { text += stream.append(id) }
            #expect(start + text + stream.finish() == whole)
        }
        #expect(cuts > 2)
        // The space is looked at, too.
        var stream = TextStream(
            tokenizer: tokenizer, stopStrings: [" two"], skipSpecialTokens: true, cutsAtStopString: true,
            isBehindText: true)
        let second = try #require(
            ids.indices.first { tokenizer.decode(Array(ids[..<$0]), skipSpecialTokens: true) == "one" })
        var text = ""
        for id in ids[second...] where stream.stopString == nil { text += stream.append(id) }
        #expect(stream.stopString == 0 && text.isEmpty)
    }

    @Test func stopStringsAreFoundAcrossTokens() throws {
        let tokenizer = try Self.tokenizer("gpt2")
        let text = "One two three four five"
        let ids = try tokenizer.encode(text).ids
        for stop in ["o thr", "three", "e f", "One", "five"] {
            let cut = Self.pieces(ids, tokenizer, stop: ["zzz", stop], cuts: true)
            let start = try #require(text.range(of: stop)).lowerBound
            #expect(cut.stop == 1 && cut.pieces.joined() == text[..<start])
            let kept = Self.pieces(ids, tokenizer, stop: ["zzz", stop])
            #expect(kept.read == cut.read)
            #expect(kept.pieces.joined() == tokenizer.decode(Array(ids[..<kept.read]), skipSpecialTokens: true))
            #expect(kept.pieces.joined().contains(stop))
            // One token less does not have it.
            let before = tokenizer.decode(Array(ids[..<(kept.read - 1)]), skipSpecialTokens: true)
            #expect(!before.contains(stop))
        }
    }

    @Test func nothingOfAStopStringIsShownBeforeItIsKnownToBeNone() throws {
        let tokenizer = try Self.tokenizer("gpt2")
        let ids = try tokenizer.encode("a b c d e f").ids
        var stream = TextStream(
            tokenizer: tokenizer, stopStrings: [" b c x", " c d e y"], skipSpecialTokens: true, cutsAtStopString: true)
        #expect(ids.map { stream.append($0) } == ["a", "", "", " b", "", " c d e f"])
        #expect(stream.finish().isEmpty && stream.stopString == nil)
    }

    @Test func ofTwoStopStringsThatEndWithOneTokenTheOneThatBeginsFirstCounts() throws {
        let tokenizer = try Self.tokenizer("gpt2")
        let ids = try tokenizer.encode("say hello world").ids
        let result = Self.pieces(ids, tokenizer, stop: ["world", "hello world"], cuts: true)
        #expect(result.pieces.joined() == "say " && result.stop == 1)
    }

    @Test func charactersOfSeveralTokensEndAText() throws {
        let tokenizer = try Self.tokenizer("llama2")
        let ids = try tokenizer.encode("gene 🧬 more", addSpecialTokens: false).ids
        let result = Self.pieces(ids, tokenizer, stop: ["🧬"], cuts: true)
        #expect(result.stop == 0 && result.pieces.joined() == "gene ")
        let kept = Self.pieces(ids, tokenizer, stop: ["🧬"])
        #expect(kept.pieces.joined() == "gene 🧬" && kept.read == result.read)
        #expect(tokenizer.decode(Array(ids[..<kept.read]), skipSpecialTokens: true) == "gene 🧬")
    }

    @Test func specialTokensEndATextAlsoWhereTheyAreNotShown() throws {
        let tokenizer = try Self.tokenizer("gpt2")
        let name = "<|endoftext|>"
        let end = try #require(tokenizer.id(of: name))
        #expect(tokenizer.isSpecial(end))
        let ids = try tokenizer.encode("a b").ids + [end] + tokenizer.encode(" c").ids
        for cuts in [false, true] {
            let skipped = Self.pieces(ids, tokenizer, stop: ["b" + name], cuts: cuts)
            #expect(skipped.stop == 0 && skipped.pieces.joined() == (cuts ? "a " : "a b"))
            let shown = Self.pieces(ids, tokenizer, stop: ["b" + name], skips: false, cuts: cuts)
            #expect(shown.stop == 0 && shown.pieces.joined() == (cuts ? "a " : "a b" + name))
        }
    }

    @Test func reasonsToEnd() throws {
        let tokenizer = try Self.tokenizer("gpt2")
        let ids = try tokenizer.encode("a b c").ids
        var settings = GenerationSettings()
        settings.maxNewTokens = 3
        settings.eosTokenIds = [7, 8]
        func reasons(_ ids: [Int32], stop: [String] = [], limit: Int = 100) -> [FinishReason?] {
            var text = TextStream(tokenizer: tokenizer, stopStrings: stop, skipSpecialTokens: true)
            var conditions = StopConditions(settings, promptLength: 5, limit: limit)
            return ids.map { id in
                _ = text.append(id)
                return conditions.finished(by: id, text: text)
            }
        }
        #expect(reasons(ids) == [nil, nil, .length])
        #expect(reasons(ids, limit: 6) == [.length, .length, .length])
        #expect(reasons(ids, stop: ["b"])[1] == .stopSequence)
        // What ends an answer counts more than that it would have ended anyway.
        #expect(reasons([ids[0], 8]) == [nil, .eosToken] && reasons(ids, stop: ["c"])[2] == .stopSequence)
    }
}
