import PenstockTokenizers
import Testing

/// Every family of tokenizers does with 2,000 texts what upstream does.
@Suite struct FamilyTests {
    /// Differences that are told in full; the rest is counted.
    private static let told = 5

    @Test(arguments: FamilyGoldens.names + FamilyGoldens.fetched) func encodesAsUpstream(_ name: String) throws {
        let tokenizer = try Tokenizer(directory: FamilyGoldens.directory(of: name))
        let tokens = try FamilyGoldens.addedTokens(of: name)
        let cases = try FamilyGoldens.cases()
        #expect(cases.count > 2000)
        var reader = try FamilyGoldens.Reader(name)
        var differences: [String] = []
        for (number, element) in cases.enumerated() {
            let expected = reader.result()
            let input = element.input(with: tokens)
            let actual = Result { () throws(TokenizerError) in
                try tokenizer.encode(
                    input, addSpecialTokens: element.addsSpecialTokens, truncation: element.truncation)
            }
            guard let difference = Self.difference(actual, expected, tokenizer) else { continue }
            differences.append("case \(number + 1): \(input), truncation \(element.truncation as Any): \(difference)")
        }
        #expect(differences.isEmpty, "\(differences.count) differences:\n\(Self.summary(differences))")
    }

    @Test(arguments: FamilyGoldens.names + FamilyGoldens.fetched) func decodesAnyIDsAsUpstream(_ name: String) throws {
        let tokenizer = try FamilyGoldens.tokenizer(name)
        var reader = try FamilyGoldens.Reader(name)
        for _ in try FamilyGoldens.cases() { _ = reader.result() }
        let decodings = reader.decodings()
        #expect(decodings.count >= 60 && reader.isAtEnd)
        var differences: [String] = []
        for decoding in decodings {
            for (skips, expected) in [(false, decoding.text), (true, decoding.textWithoutSpecialTokens)] {
                let actual = tokenizer.decode(decoding.ids, skipSpecialTokens: skips)
                guard !actual.utf8.elementsEqual(expected.utf8) else { continue }
                differences.append(
                    "\(decoding.ids), skipping \(skips): \(actual.debugDescription), not \(expected.debugDescription)")
            }
        }
        #expect(differences.isEmpty, "\(differences.count) differences:\n\(Self.summary(differences))")
    }

    private static func summary(_ differences: [String]) -> String {
        differences.prefix(told).joined(separator: "\n")
    }

    /// What tells a result from upstream's; nil if nothing does.
    private static func difference(
        _ actual: Result<Encoding, TokenizerError>, _ expected: FamilyGoldens.Answer?, _ tokenizer: Tokenizer
    ) -> String? {
        switch (actual, expected) {
        case (.failure, nil): return nil
        case (.failure(let error), _?): return "the error \(error)"
        case (.success, nil): return "no error"
        case (.success(let encoding), let expected?):
            let columns = FamilyGoldens.Encoding(encoding)
            guard columns == expected.encoding else { return "\(columns), not \(expected.encoding)" }
            guard encoding.overflowing.count == expected.overflowing else {
                return "\(encoding.overflowing.count) overflowing pieces, not \(expected.overflowing)"
            }
            for (index, piece) in expected.pieces {
                let columns = FamilyGoldens.Encoding(encoding.overflowing[index])
                guard columns == piece else { return "overflowing piece \(index): \(columns), not \(piece)" }
            }
            let texts =
                tokenizer.tokens(of: encoding)
                + [false, true].map { tokenizer.decode(encoding.ids, skipSpecialTokens: $0) }
            var checksum = CRC32()
            for text in texts { for byte in text.utf8 + [0] { checksum.append(byte) } }
            return checksum.value == expected.checksum ? nil : "\(columns), tokens and decoded texts are not \(texts)"
        }
    }
}
