extension Grammar {
    /// Tells whether a text is of the form.
    ///
    /// - Throws: ``GrammarError`` if the text can go on in too many ways at a time.
    package func accepts(_ text: some Sequence<UInt8>) throws(GrammarError) -> Bool {
        var automaton = GrammarAutomaton(self)
        return automaton.mayEnd(in: try automaton.state(behind: text))
    }

    /// Tells whether a text of the form begins so.
    ///
    /// - Throws: ``GrammarError`` if the text can go on in too many ways at a time.
    package func beginsTexts(_ text: some Sequence<UInt8>) throws(GrammarError) -> Bool {
        var automaton = GrammarAutomaton(self)
        return try automaton.state(behind: text) != GrammarAutomaton.dead
    }
}

extension GrammarAutomaton {
    /// The state behind a text.
    fileprivate mutating func state(behind text: some Sequence<UInt8>) throws(GrammarError) -> Int32 {
        var state = try start()
        for byte in text where state != Self.dead { state = try next(state, byte) }
        return state
    }
}
