import PenstockServing

/// Writes the answers to the inputs of a data set, in their order.
protocol AnswerWriter {
    /// Writes the answer to an input: JSON, or what was wrong with it.
    mutating func write(_ answer: Result<[UInt8], ErrorBody>) throws(CommandFailure)

    /// Writes what is left when there are no more.
    mutating func finish() throws(CommandFailure)
}

/// A line for each answer; an error is `{"error": …}`.
struct JSONLinesWriter: AnswerWriter {
    private let output: DataOutput

    init(_ output: DataOutput = .standardOutput) { self.output = output }

    /// Goes on behind lines that are there: those of as many inputs as are left out. What stands behind the last line end
    /// was broken off, and is cut.
    init(resuming output: DataOutput, skip: Int) throws(CommandFailure) {
        self.init(output)
        var (position, end, lines) = (0, 0, 0)
        try output.contents().forEachPiece { piece in
            for (index, byte) in piece.enumerated() where byte == UInt8(ascii: "\n") {
                (lines, end) = (lines + 1, position + index + 1)
            }
            position += piece.count
        }
        guard position == 0 || lines == skip else {
            throw CommandFailure(
                message: "\(output.name) has \(lines) answers; go on behind them with --skip \(lines), or remove it")
        }
        if position > 0 { try output.cut(to: end) }
    }

    mutating func write(_ answer: Result<[UInt8], ErrorBody>) throws(CommandFailure) {
        switch answer {
        case .success(let text): try output.write(text + [UInt8(ascii: "\n")])
        case .failure(let error): try output.write(error.json + [UInt8(ascii: "\n")])
        }
    }

    mutating func finish() throws(CommandFailure) {}
}
