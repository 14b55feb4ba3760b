import HTTPTypes
import Hummingbird
import PenstockPipelines
import PenstockServing

extension Response {
    /// An answer that is told piece by piece, as its events write it. It begins when the first piece is there.
    ///
    /// - Throws: what goes wrong before the first piece; what goes wrong behind it is written by the events.
    init<Events: GenerationEvents>(
        _ stream: GenerationStream, of prepared: TextGeneration.PreparedStream, _ events: Events
    ) async throws {
        let first = try await stream.next()
        let body = ResponseBody { writer in
            var (events, bytes, next) = (events, StreamBytes(), first)
            events.begin(&bytes)
            do {
                while let piece = next {
                    events.add(prepared.piece(piece), &bytes)
                    if let buffer = bytes.take() { try await writer.write(buffer) }
                    next = try await stream.nextOfAnswer()
                }
                events.end(GenerationSummary(facts: stream.facts, timing: stream.timing), &bytes)
            } catch let failure as StreamFailure {
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
    /// As ``next()``, but what it throws is a ``StreamFailure``.
    fileprivate func nextOfAnswer() async throws -> GeneratedPiece? {
        do {
            return try await next()
        } catch {
            throw StreamFailure(cause: error)
        }
    }
}

extension HTTPField.Name {
    /// By which proxies are told to pass on what they receive at once.
    fileprivate static let accelBuffering = known("X-Accel-Buffering")
}
