import HTTPTypes
import Hummingbird
import PenstockPipelines
import PenstockServing

/// A record of a request, made when its answer is ready, or the stream that it is has ended: who asked what of which model, and how it ended. It has no
/// content, no query and no key.
package struct RequestRecord: Sendable {
    package let id: String
    /// The method; `-` if it is not known.
    package let method: String
    /// The path, its first 200 characters at most; `-` if it is not known.
    package let path: String
    package let status: Int
    /// The code of its error; nil if it had none.
    package let code: String?
    /// From its head to its answer.
    package let duration: Duration
    package let facts: RequestNotes.Facts
    /// The path as its route has it; nil if it has none.
    package let route: String?
    /// The trace that the request is a part of; nil if its client does not say.
    package let trace: TraceContext?
    /// When its answer was ready, or over.
    package let end: ContinuousClock.Instant

    /// A record of these facts.
    package init(
        id: String, method: String, path: String, status: Int, code: String?, duration: Duration,
        facts: RequestNotes.Facts, route: String? = nil, trace: TraceContext? = nil,
        end: ContinuousClock.Instant = .now
    ) {
        (self.id, self.method, self.path, self.status, self.code) = (id, method, path, status, code)
        (self.duration, self.facts, self.route, self.trace, self.end) = (duration, facts, route, trace, end)
    }

    /// The record of what was refused before it was known as a request.
    init(refused error: ClientError) {
        self.init(
            id: RequestID.made(), method: "-", path: "-",
            status: ErrorResponse(error, exposesErrors: false).status.code, code: error.code.rawValue, duration: .zero,
            facts: RequestNotes.Facts())
    }

    init(
        _ request: Request, _ id: String, route: String?, status: HTTPResponse.Status, code: String?,
        _ context: ServerContext
    ) {
        let end = ContinuousClock.now
        self.init(
            id: id, method: request.method.rawValue.cut(after: 20), path: request.uri.path.cut(after: 200),
            status: status.code, code: code, duration: context.arrival.duration(to: end), facts: context.notes.facts,
            route: route, trace: TraceContext(request.headers), end: end)
    }
}
