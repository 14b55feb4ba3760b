import PenstockJSON
import PenstockPipelines

/// The body of a request to generate, in the words of an API.
///
/// A dialect reads its fields into a ``GenerationCall``, of which ``RequestFields/read(_:into:)`` reads those that are
/// options of `generate` under other names. ``GenerationRequests`` does the rest: it finds the model, answers as a
/// whole or as a stream, and has the dialect write the bytes. A route of one is
///
///     RouteTable.Route(method: .post, path: "/v1/completions", errors: .openAI) { request, context in
///         try await generation.answer(request, context) { (fields) throws(ClientError) in
///             try CompletionsRequest(fields)
///         }
///     }
///
/// An error before the first token is told in the envelope of the route; one behind it is written by the stream's
/// ``GenerationEvents``.
protocol GenerationDialect: Sendable {
    /// The writer of the answer as a stream.
    associatedtype Events: GenerationEvents

    /// The request as all APIs mean it.
    var call: GenerationCall { get }

    /// Checks and completes the request, once its model is known.
    ///
    /// - Throws: `ClientError` for what this model cannot do.
    mutating func settle(on task: TextGeneration) throws(ClientError)

    /// Writes the answer as a whole: one JSON value.
    func write(_ answer: GenerationAnswer, into writer: inout JSONWriter)

    /// Begins the answer as a stream.
    func events(_ head: GenerationHead) -> Events
}

extension GenerationDialect {
    mutating func settle(on task: TextGeneration) throws(ClientError) {}
}

/// The writer of an answer that is streamed, called in the order of its functions.
protocol GenerationEvents: Sendable {
    /// The media type of the stream.
    static var mediaType: String { get }

    /// Writes what precedes the first piece. Called when that is there.
    mutating func begin(_ bytes: inout StreamBytes)

    /// Writes a piece. Those of several texts come as they are generated, each with the number of its text.
    mutating func add(_ piece: TextGeneration.Piece, _ bytes: inout StreamBytes)

    /// Writes what follows the last piece.
    mutating func end(_ summary: GenerationSummary, _ bytes: inout StreamBytes)

    /// Writes the reason that there are no more pieces, in place of the end.
    mutating func fail(_ error: ErrorResponse, _ bytes: inout StreamBytes)
}

extension GenerationEvents {
    static var mediaType: String { StreamBytes.eventStream }

    mutating func begin(_ bytes: inout StreamBytes) {}
}
