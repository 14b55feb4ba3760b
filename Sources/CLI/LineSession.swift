import PenstockJSON
import PenstockPipelines
import PenstockServing

/// Answers lines one after the other, in their order; an error is a line of JSON.
///
/// Several are on their way at a time, so that a model computes them in batches; the first is written as soon as it
/// is answered.
struct LineSession: Sendable {
    /// What to write for an input: a line, or several.
    let answer: @Sendable (JSONValue) async throws -> [UInt8]

    /// Answers texts. Returns whether all of them could be answered.
    func answer(_ texts: [String]) async throws -> Bool {
        var lines = texts.map { Array($0.utf8) }
        return await answer(InputLine.text) {
            defer { lines = [] }
            return lines
        }
    }

    /// Answers the lines of standard input as `decode` reads them. Returns whether all of them could be answered.
    ///
    /// - Throws: ``CommandFailure`` when standard input cannot be read; what was read before is answered all the same.
    func answerStandardInput(_ decode: @escaping @Sendable ([UInt8]) -> InputLine) async throws -> Bool {
        let input = StandardInput()
        var failure: CommandFailure?
        let isFreeOfErrors = await answer(decode) {
            do throws(CommandFailure) {
                return try await input.next()
            } catch {
                failure = error
                return []
            }
        }
        if let failure { throw failure }
        return isFreeOfErrors
    }

    private func answer(
        _ decode: @escaping @Sendable ([UInt8]) -> InputLine, lines next: () async -> [[UInt8]]
    ) async -> Bool {
        let output = OrderedOutput()
        await withDiscardingTaskGroup { group in
            while true {
                let lines = await next()
                for line in lines {
                    let place = await output.place(forLine: line.count)
                    group.addTask { await write(answer(decode(line)), at: place, of: output) }
                }
                if lines.isEmpty { break }
            }
        }
        return output.isFreeOfErrors
    }

    private func write(
        _ answer: Result<[UInt8], ErrorBody>, at place: OrderedOutput.Place, of output: OrderedOutput
    ) async {
        do {
            try await output.write(answer, at: place)
        } catch {
            // At once: whoever reads standard input may be waiting for a line that never comes.
            Penstock.end(with: error)
        }
    }

    private func answer(_ input: InputLine) async -> Result<[UInt8], ErrorBody> {
        do {
            return .success(try await answer(input.get()))
        } catch let error as ErrorBody {
            return .failure(error)
        } catch let error as PipelineError {
            return .failure(ErrorBody(code: error.code.rawValue, message: error.message))
        } catch {
            return .failure(ErrorBody(code: "internal_error", message: FailureMessage.line(for: error)))
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
