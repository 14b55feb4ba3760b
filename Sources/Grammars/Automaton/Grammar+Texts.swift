extension Grammar {
    /// Tells whether a text is of the form.
    ///
    /// - Throws: ``GrammarError`` if the text can go on in too many ways at a time.
    package func accepts(_ text: some Sequence<UInt8>) throws(GrammarError) -> Bool {
        var automaton = GrammarAutomaton(self)
        var state = try automaton.start()
        for byte in text {
            state = try automaton.next(state, byte)
            if state == GrammarAutomaton.dead { return false }
        }
        return automaton.mayEnd(in: state)
    }
}
