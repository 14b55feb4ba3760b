import PenstockJSON
import PenstockPipelines
import PenstockServing

/// Answers inputs in their order; what is wrong with one is its answer.
///
/// Several are on their way at a time, so that a model computes them in batches; the first is written as soon as it
/// is answered.
struct LineSession: Sendable {
    /// Makes the answer to an input: JSON, or lines for people. Takes the room for it from the turn.
    let answer: @Sendable (JSONValue, ByteWindow.Turn) async throws -> [UInt8]
    /// Inputs that are on their way at a time: batches that are computed, prepared and written.
    var limit = 1024
    /// Is told how far it is.
    var progress: RunProgress?

    /// An input that was answered, and how it ended.
    private struct Answered {
        let answer: Result<[UInt8], ErrorBody>
        let bytes: Int
    }

    /// Answers texts. Returns whether all of them could be answered.
    func answer(_ texts: [String], into writer: any AnswerWriter = JSONLinesWriter()) async throws -> Bool {
        let (records, continuation) = AsyncStream.makeStream(of: DataRecord.self)
        for text in texts { continuation.yield(DataRecord(fields: [Array(text.utf8)], bytes: text.utf8.count)) }
        continuation.finish()
        return try await answer(records, InputLine.text, into: writer)
    }

    /// Answers records as `decode` reads them. Returns whether all of them could be answered.
    ///
    /// - Throws: ``CommandFailure`` when there are no more records to be had before their end; what was read before is
    ///   answered all the same.
    func answer<Records: AsyncSequence & Sendable>(
        _ records: Records, _ decode: @escaping @Sendable (DataRecord) -> InputLine,
        into writer: any AnswerWriter = JSONLinesWriter()
    ) async throws -> Bool where Records.Element == DataRecord {
        var writer = writer
        let results = OrderedResults(records, limit: limit, size: { $0.bytes }) { [answer] record, turn in
            do {
                return Answered(answer: .success(try await answer(decode(record).get(), turn)), bytes: record.bytes)
            } catch {
                return Answered(answer: .failure(Self.body(of: error)), bytes: record.bytes)
            }
        }
        var isFreeOfErrors = true
        do {
            for try await result in results {
                let answered = try result.get()
                if case .failure = answered.answer { isFreeOfErrors = false }
                write { () throws(CommandFailure) in try writer.write(answered.answer) }
                progress?.add(bytes: answered.bytes)
            }
        } catch {
            write { () throws(CommandFailure) in try writer.finish() }
            progress?.end()
            throw error
        }
        write { () throws(CommandFailure) in try writer.finish() }
        progress?.end()
        return isFreeOfErrors
    }

    private func write(_ body: () throws(CommandFailure) -> Void) {
        do throws(CommandFailure) {
            try body()
        } catch {
            // At once: whoever reads standard input may be waiting for a line that never comes.
            progress?.end()
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
