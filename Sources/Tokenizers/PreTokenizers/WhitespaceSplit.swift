/// Cuts at white space.
struct WhitespaceSplit: PreTokenizer {
    func preTokenize(_ text: inout PreTokenizedText) {
        text.split(.removed, where: UpstreamUnicode.isWhitespace)
    }
}
