import PenstockJSON
import PenstockPipelines
import PenstockServing

/// Answers lines one after the other, in their order; an error is a line of JSON.
///
/// Several are on their way at a time, so that a model computes them in batches; the first is written as soon as it
/// is answered.
struct LineSession: Sendable {
    /// Makes the line, or the lines, to write for an input. Takes the room for it from the turn.
    let answer: @Sendable (JSONValue, ByteWindow.Turn) async throws -> [UInt8]

    /// Answers texts. Returns whether all of them could be answered.
    func answer(_ texts: [String]) async throws -> Bool {
        let (lines, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        for text in texts { continuation.yield(Array(text.utf8)) }
        continuation.finish()
        return try await answer(lines, InputLine.text)
    }

    /// Answers the lines of standard input as `decode` reads them. Returns whether all of them could be answered.
    ///
    /// - Throws: ``CommandFailure`` when standard input cannot be read; what was read before is answered all the same.
    func answerStandardInput(_ decode: @escaping @Sendable ([UInt8]) -> InputLine) async throws -> Bool {
        try await answer(StandardInput(), decode)
    }

    private func answer<Lines: AsyncSequence & Sendable>(
        _ lines: Lines, _ decode: @escaping @Sendable ([UInt8]) -> InputLine
    ) async throws -> Bool where Lines.Element == [UInt8] {
        let results = OrderedResults(lines, size: { $0.count }) { [answer] line, turn in
            try await answer(decode(line).get(), turn)
        }
        var isFreeOfErrors = true
        for try await result in results {
            let text: [UInt8]
            do {
                text = try result.get()
            } catch {
                text = Self.body(of: error).json
                isFreeOfErrors = false
            }
            write(text + [UInt8(ascii: "\n")])
        }
        return isFreeOfErrors
    }

    private func write(_ text: [UInt8]) {
        do {
            try StandardOutput.write(text)
        } catch {
            // At once: whoever reads standard input may be waiting for a line that never comes.
            Penstock.end(with: error)
        }
    }

    private static func body(of error: any Error) -> ErrorBody {
        switch error {
        case let error as ErrorBody: error
        case let error as PipelineError: ErrorBody(code: error.code.rawValue, message: error.message)
        default: ErrorBody(code: "internal_error", message: FailureMessage.line(for: error))
        }
    }
}

/// What a line of input says, or why it says nothing.
typealias InputLine = Result<JSONValue, ErrorBody>

extension InputLine {
    /// The line as a text.
    @Sendable static func text(_ bytes: [UInt8]) -> InputLine {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .failure(ErrorBody(code: "invalid_utf8", message: "the line is not UTF-8"))
        }
        return .success(.string(text))
    }

    /// The line as a JSON value.
    @Sendable static func json(_ bytes: [UInt8]) -> InputLine {
        do {
            return .success(try JSONValue(parsing: bytes))
        } catch {
            return .failure(ErrorBody(code: "malformed_json", message: "the line is not JSON: \(error)"))
        }
    }
}
