import PenstockTokenizers
import Testing

@Suite struct AddedBytesTests {
    /// The bytes that tokens add, end to end, are what they decode to.
    @Test(arguments: FamilyGoldens.names) func bytesMakeUpTheDecodedText(_ name: String) throws {
        let tokenizer = try FamilyGoldens.tokenizer(name).withoutCleanUp()
        let added = tokenizer.addedBytes(count: tokenizer.vocabularySize) { tokenizer.isSpecial($0) }
        // A decoder that looks at the tokens around has no bytes for each.
        guard !["openai-gpt", "wav2vec2"].contains(name) else {
            #expect(added == nil)
            return
        }
        let bytes = try #require(added)
        #expect(bytes.behindOthers.count == tokenizer.vocabularySize)
        var random = SplitMix64(state: 9)
        let texts = [#"{"name": "déjà vu", "list": [1, 2.5, null]}"#, "  spaces  中文 👩‍👩‍👧‍👦 n't .", "x"]
        var sequences = try texts.map { try tokenizer.encode($0, addSpecialTokens: false).ids }
        for length in 1...60 {
            sequences.append(
                (0..<length).map { _ in Int32.random(in: 0..<Int32(tokenizer.vocabularySize), using: &random) })
        }
        var compared = 0
        for sequence in sequences {
            let ids = sequence.filter { tokenizer.token(of: $0) != nil && !tokenizer.isSpecial($0) }
            var text: [UInt8] = []
            for (index, id) in ids.enumerated() {
                text += (index == 0 ? bytes.atStart ?? bytes.behindOthers : bytes.behindOthers)[Int(id)]
            }
            // Parts of characters that do not fit together are no text.
            guard let valid = String(validating: text, as: UTF8.self) else { continue }
            compared += 1
            #expect(Array(valid.utf8) == Array(tokenizer.decode(ids, skipSpecialTokens: true).utf8), "\(ids)")
        }
        #expect(compared >= texts.count)
    }

    @Test func tokensThatAreLeftOutAddNothing() throws {
        let tokenizer = try FamilyGoldens.tokenizer("llama2")
        let added = try #require(tokenizer.addedBytes(count: 300) { $0 == 40 })
        #expect(added.behindOthers.count == 300 && added.behindOthers[40].isEmpty)
        // Ids 3 to 258 are bytes, parts of characters among them; a space in front of all is taken away.
        #expect(added.behindOthers[3 + 0xE2] == [0xE2])
        #expect(added.behindOthers[3 + 0x20] == [0x20])
        #expect(try #require(added.atStart)[3 + 0x20] == [])
        #expect(tokenizer.addedBytes(count: 0) { _ in false }?.behindOthers.isEmpty == true)
    }
}
