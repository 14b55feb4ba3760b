import PenstockJSON
import PenstockTokenizers
import Testing

@Suite struct GoldenTests {
    @Test(arguments: Fixtures.names) func encodesAsUpstream(_ name: String) throws {
        let tokenizer = try Fixtures.tokenizer(name)
        let goldens = try Fixtures.goldens(name)
        #expect(goldens.count > 150)
        for golden in goldens {
            guard !golden.isError else {
                #expect(throws: TokenizerError.self, "\(golden.line)") { try golden.encode(with: tokenizer) }
                continue
            }
            let encoding = try golden.encode(with: tokenizer)
            #expect(encoding.golden == golden.line.golden, "\(golden.line)")
            #expect(tokenizer.tokens(of: encoding) == golden.tokens, "\(golden.line)")
            #expect(encoding.overflowing.count == golden.line["overflow"]?.integer ?? 0, "\(golden.line)")
            for piece in golden.line["pieces"]?.object?.entries ?? [] {
                let index = try #require(Int(piece.key))
                #expect(encoding.overflowing[index].golden == piece.value.golden, "\(golden.line)")
            }
        }
    }

    @Test(arguments: Fixtures.names) func decodesAsUpstream(_ name: String) throws {
        let tokenizer = try Fixtures.tokenizer(name)
        for golden in try Fixtures.goldens(name) where !golden.isError {
            let ids = golden.line["ids"]?.array?.compactMap { $0.integer.map { Int32($0) } } ?? []
            let decoded = tokenizer.decode(ids, skipSpecialTokens: false)
            let skipped = tokenizer.decode(ids, skipSpecialTokens: true)
            #expect(Array(decoded.utf8) == golden.line["decoded"]?.string.map { Array($0.utf8) }, "\(golden.line)")
            #expect(Array(skipped.utf8) == golden.line["skipped"]?.string.map { Array($0.utf8) }, "\(golden.line)")
        }
    }

    @Test func truncationDropsOverflowUnlessAsked() throws {
        let tokenizer = try Fixtures.tokenizer("bert-uncased")
        for golden in try Fixtures.goldens("bert-uncased") where !golden.isError {
            guard var truncation = golden.truncation else { continue }
            truncation.returnOverflowingTokens = false
            let encoding = try tokenizer.encode(
                golden.text, pair: golden.pair, addSpecialTokens: golden.addSpecialTokens, truncation: truncation)
            #expect(encoding.overflowing.isEmpty)
            #expect(encoding.golden == golden.line.golden)
        }
    }
}
