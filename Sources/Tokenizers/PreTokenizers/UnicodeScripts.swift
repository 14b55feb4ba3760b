/// Cuts where the script changes, as SentencePiece sees scripts. Spaces belong to any.
struct UnicodeScripts: PreTokenizer {
    func preTokenize(_ text: inout PreTokenizedText) {
        text.split { bytes, range, emit in
            // Scalars without a script are dropped if nothing stands before them.
            var start: Int?
            var last = Script.none
            var index = range.lowerBound
            while index < range.upperBound {
                let (scalar, length) = UTF8Reading.scalar(in: bytes, at: index)
                let script = UpstreamUnicode.script(scalar)
                if script != Script.none, script != last {
                    if let start { emit(start..<index) }
                    (start, last) = (index, script)
                }
                index += length
            }
            if let start { emit(start..<range.upperBound) }
        }
    }
}
