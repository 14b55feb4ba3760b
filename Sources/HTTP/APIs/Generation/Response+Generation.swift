import HTTPTypes
import Hummingbird
import PenstockPipelines
import PenstockServing

extension Response {
    /// An answer that is told piece by piece, as its events write it. It begins when the first piece is there, or at
    /// the first beat that finds none.
    ///
    /// - Parameter beats: those at which a stream of events tells that it lives; nil for none
    /// - Throws: what goes wrong before it begins; what goes wrong behind that is written by the events.
    init<Events: GenerationEvents>(
        _ stream: GenerationStream, of prepared: TextGeneration.PreparedStream, _ events: Events, beats: StreamBeats?
    ) async throws {
        let pulse = Events.mediaType == StreamBytes.eventStream ? beats.map { StreamPulse(of: stream, by: $0) } : nil
        let first: AnswerSink<GeneratedPiece>.Wait
        do {
            first = try await stream.wait()
        } catch {
            pulse?.stop()
            throw error
        }
        let body = ResponseBody { writer in
            defer { pulse?.stop() }
            var (events, bytes, next, hasBegun) = (events, StreamBytes(), first, false)
            do {
                reading: while true {
                    switch next {
                    case .element(let piece):
                        if !exchange(&hasBegun, with: true) { events.begin(&bytes) }
                        events.add(prepared.piece(piece), &bytes)
                        pulse?.move()
                    case .nudged: bytes.addKeepAlive()
                    case .ended: break reading
                    }
                    if let buffer = bytes.take() { try await writer.write(buffer) }
                    next = try await stream.waitForAnswer()
                }
                if !hasBegun { events.begin(&bytes) }
                events.end(GenerationSummary(facts: stream.facts, timing: stream.timing), &bytes)
            } catch let failure as StreamFailure {
                if !hasBegun { events.begin(&bytes) }
                events.fail(ErrorResponse(failure.cause, exposesErrors: false), &bytes)
            }
            if let buffer = bytes.take() { try await writer.write(buffer) }
            try await writer.finish(nil)
        }
        self.init(
            status: .ok,
            headers: [
                .contentType: Events.mediaType, .cacheControl: "no-cache", .accelBuffering: "no",
            ], body: body)
    }
}

/// The reason that a stream does not go on; what goes wrong with the connection is none.
private struct StreamFailure: Error {
    let cause: any Error
}

extension GenerationStream {
    /// As ``wait()``, but what it throws is a ``StreamFailure``.
    fileprivate func waitForAnswer() async throws -> AnswerSink<GeneratedPiece>.Wait {
        do {
            return try await wait()
        } catch {
            throw StreamFailure(cause: error)
        }
    }
}

extension HTTPField.Name {
    /// By which proxies are told to pass on what they receive at once.
    fileprivate static let accelBuffering = known("X-Accel-Buffering")
}
