import PenstockTokenizers
import Testing

@Suite struct IncrementalDecodingTests {
    /// Ids in which runs of bytes, special tokens and ids without a token occur, cut at random.
    private static func sequences(for tokenizer: Tokenizer) throws -> [[Int32]] {
        var random = SplitMix64(state: 5)
        let texts = ["déjà vu, 中文 👩‍👩‍👧‍👦 don't .", "  spaces  . \u{0} İ n't", "x"]
        var sequences = try texts.map { try tokenizer.encode($0).ids }
        let largest = Int32(clamping: tokenizer.vocabularySize)
        for _ in 0..<40 {
            sequences.append((0..<30).map { _ in Int32.random(in: -1...largest, using: &random) })
            // Byte-level and byte-fallback vocabularies have their bytes first.
            sequences.append((0..<30).map { _ in Int32.random(in: 0...300, using: &random) })
        }
        return sequences
    }

    @Test(arguments: FamilyGoldens.names, [false, true])
    func piecesMakeUpTheWhole(_ name: String, _ skips: Bool) throws {
        let tokenizer = try FamilyGoldens.tokenizer(name)
        for ids in try Self.sequences(for: tokenizer) {
            var decoder = tokenizer.incrementalDecoder(skipSpecialTokens: skips)
            let text = ids.map { decoder.append($0) }.joined() + decoder.finish()
            #expect(Array(text.utf8) == Array(tokenizer.decode(ids, skipSpecialTokens: skips).utf8), "\(ids)")
        }
    }

    @Test(arguments: ["gpt2", "llama2"]) func noHalfCharacters(_ name: String) throws {
        let tokenizer = try Tokenizer(directory: FamilyGoldens.directory(of: name))
        let ids = try tokenizer.encode("a👩‍👩‍👧‍👦é中b", addSpecialTokens: false).ids
        var decoder = tokenizer.incrementalDecoder(skipSpecialTokens: true)
        let pieces = ids.map { decoder.append($0) } + [decoder.finish()]
        #expect(pieces.count > 10)
        #expect(!pieces.joined().unicodeScalars.contains("\u{FFFD}"))
        #expect(pieces.joined() == "a👩‍👩‍👧‍👦é中b")
    }

    @Test func textThatNothingCanChangeComesAtOnce() throws {
        let tokenizer = try Tokenizer(directory: FamilyGoldens.directory(of: "gpt2"))
        let ids = try tokenizer.encode("some plain words").ids
        var decoder = tokenizer.incrementalDecoder(skipSpecialTokens: true)
        for count in ids.indices.map({ $0 + 1 }) {
            let before = tokenizer.decode(Array(ids[..<(count - 1)]), skipSpecialTokens: true)
            #expect(
                before + decoder.append(ids[count - 1])
                    == tokenizer.decode(Array(ids[..<count]), skipSpecialTokens: true))
        }
        #expect(decoder.finish().isEmpty)
    }

    @Test func cleanUpAcrossTokens() throws {
        let file = ConfigurationTests.small.replacing(
            ###""decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true}"###, with: #""decoder": null"#)
        let tokenizer = try ConfigurationTests.tokenizer(
            file, ["tokenizer_config.json": #"{"clean_up_tokenization_spaces": true}"#])
        var decoder = tokenizer.incrementalDecoder(skipSpecialTokens: false)
        #expect(decoder.append(5) == "play")
        #expect(decoder.append(8) == "!")
        #expect(decoder.append(7) == " the")
        #expect(decoder.finish() == "")
        #expect(tokenizer.decode([5, 8, 7], skipSpecialTokens: false) == "play! the")
    }
}
