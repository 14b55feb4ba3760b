/// The patterns of tokenizer.json: `{"String": …}` or `{"Regex": …}`.
enum Patterns {
    /// Regular expressions that have a scanner of their own, by their text.
    static let scanners: KeyValuePairs<String, any TextPattern> = [
        GPT2Scanner.pattern: GPT2Scanner(),
        CL100KScanner.llama3: CL100KScanner(maximumDigits: 3),
        CL100KScanner.qwen2: CL100KScanner(maximumDigits: 1),
        O200KScanner.gpt4o: O200KScanner(maximumDigits: 3, takesContractions: true),
        O200KScanner.tekken: O200KScanner(maximumDigits: 1, takesContractions: false),
        BloomScanner.pattern: BloomScanner(),
        DigitsScanner.pattern: DigitsScanner(),
        DeepSeekScanner.pattern: DeepSeekScanner(),
        RangesScanner.deepSeek: RangesScanner([0x4E00...0x9FA5, 0x3040...0x30FF]),
        RangesScanner.deepSeekCoder: RangesScanner([0x800...0x9FA5, 0xAC00...0xD7FF]),
    ]

    /// The pattern that `field` describes.
    static func make(_ field: Field) throws(TokenizerError) -> any TextPattern {
        guard field["Regex"].exists else { return LiteralPattern(try field["String"].string()) }
        let text = try field["Regex"].string()
        if let scanner = scanners.first(where: { $0.key.utf8.elementsEqual(text.utf8) })?.value { return scanner }
        do {
            return try Regex(text)
        } catch {
            let message = "regular expression \"\(text)\", \(error.message)"
            throw error.isUnsupported ? field["Regex"].unsupported(message) : field["Regex"].malformed(message)
        }
    }
}
