import Dispatch
import Foundation
import PenstockJSON
import PenstockPipelines
import PenstockServing
import Synchronization

/// Answers inputs one after the other, in their order; an error is a line of JSON.
///
/// Several are on their way at a time, so that a model computes them in batches; the first is written as soon as it
/// is answered.
struct LineSession: Sendable {
    /// What to write for an input: a line, or several.
    let answer: @Sendable (JSONValue) async throws -> [UInt8]

    /// Inputs on their way at a time.
    private static let window = 64

    /// Answers texts. Returns whether all of them could be answered.
    func answer(_ texts: [String]) async throws -> Bool {
        let (inputs, continuation) = AsyncStream.makeStream(of: InputLine.self)
        for text in texts { continuation.yield(.success(.string(text))) }
        continuation.finish()
        return await answer(inputs) {}
    }

    /// Answers the lines of standard input as `decode` reads them. Returns whether all of them could be answered.
    func answerStandardInput(_ decode: @escaping @Sendable ([UInt8]) -> InputLine) async throws -> Bool {
        let (inputs, continuation) = AsyncStream.makeStream(of: InputLine.self)
        // Starts at 0: a semaphore must not end below its first value.
        let places = DispatchSemaphore(value: 0)
        for _ in 0..<Self.window { places.signal() }
        // Reading blocks, so it has a thread of its own.
        Thread {
            let input = fdopen(STDIN_FILENO, "r")
            var line: UnsafeMutablePointer<CChar>?
            var capacity = 0
            defer { free(line) }
            while let input {
                places.wait()
                let length = getline(&line, &capacity, input)
                guard length >= 0, let line else { break }
                var bytes = UnsafeRawBufferPointer(start: line, count: length)[...]
                if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
                if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
                continuation.yield(decode(Array(bytes)))
            }
            continuation.finish()
        }.start()
        return await answer(inputs) { places.signal() }
    }

    private func answer(_ inputs: AsyncStream<InputLine>, whenWritten: @escaping @Sendable () -> Void) async -> Bool {
        let output = OrderedOutput(whenWritten: whenWritten)
        await withTaskGroup(of: Void.self) { group in
            var number = 0
            for await input in inputs {
                group.addTask { [number] in output.write(await answer(input), as: number) }
                number += 1
                if number >= Self.window { await group.next() }
            }
        }
        return output.isFreeOfErrors
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

/// Standard output, its lines in the order of their numbers whenever they come.
private final class OrderedOutput: Sendable {
    private struct State {
        var next = 0
        var waiting: [Int: [UInt8]] = [:]
        var isFreeOfErrors = true
    }

    private let state = Mutex(State())
    private let whenWritten: @Sendable () -> Void

    init(whenWritten: @escaping @Sendable () -> Void) { self.whenWritten = whenWritten }

    var isFreeOfErrors: Bool { state.withLock(\.isFreeOfErrors) }

    func write(_ answer: Result<[UInt8], ErrorBody>, as number: Int) {
        state.withLock { state in
            switch answer {
            case .success(let json): state.waiting[number] = json
            case .failure(let error):
                state.waiting[number] = error.json
                state.isFreeOfErrors = false
            }
            while let line = state.waiting.removeValue(forKey: state.next) {
                FileHandle.standardOutput.write(Data(line + [UInt8(ascii: "\n")]))
                state.next += 1
                whenWritten()
            }
        }
    }
}
