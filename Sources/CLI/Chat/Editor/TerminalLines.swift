/// The lines that somebody writes on a terminal.
struct TerminalLines: ChatLines {
    private var keys: AsyncStream<[UInt8]>.AsyncIterator
    private var editor = LineEditor()
    private var display = LineDisplay()
    /// Bytes that were read, and are not used yet.
    private var bytes: ArraySlice<UInt8> = []

    let isTerminal = true

    init(_ keys: TerminalKeys) { self.keys = keys.bytes.makeAsyncIterator() }

    mutating func next(goesOn: Bool) async throws -> ChatLine? {
        let prompt = (text: Ink.bold(goesOn ? "… " : "> "), columns: 2)
        while true {
            while let byte = bytes.popFirst() {
                switch editor.take(byte) {
                case nil: continue
                case .finished(let text):
                    try write(display.finish(prompt: prompt.text, text))
                    return .text(text)
                case .interrupted:
                    try write(display.finish(prompt: prompt.text, ""))
                    return .interrupt
                case .ended:
                    try write("\r\n")
                    return nil
                }
            }
            try draw(prompt)
            guard let piece = await keys.next() else { return nil }
            bytes = piece[...]
        }
    }

    private mutating func draw(_ prompt: (text: String, columns: Int)) throws(CommandFailure) {
        try write(display.draw(prompt: prompt, editor, columns: ProgressDisplay.columns))
    }

    private func write(_ text: String) throws(CommandFailure) { try StandardOutput.write(Array(text.utf8)) }
}
