/// An error that says why a request got no answer although the pipeline could have given one.
public struct ServingError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// The model could not be loaded, or is on its way out.
        case notReady = "not_ready"
        /// The model is being loaded, or will be.
        case modelLoading = "model_loading"
        /// The model cannot be changed because it is being loaded.
        case modelBusy = "model_busy"
        /// There is no model of this name.
        case modelNotFound = "model_not_found"
        /// The caller may not use the model.
        case modelForbidden = "model_forbidden"
        /// The caller has used what it may use for now.
        case rateLimited = "rate_limited"
        /// More waits already than can be done in time.
        case overloaded
        /// The request has more tokens than may ever wait, or than can ever be done in its time.
        case requestTooLarge = "request_too_large"
        /// The answer did not come by the deadline.
        case deadlineExceeded = "deadline_exceeded"
        /// The client has gone, so that nobody will see this.
        case clientGone = "client_gone"
        /// The server is going down.
        case shuttingDown = "shutting_down"
    }

    /// The kind of failure.
    public let code: Code
    /// A sentence that says what a client can do about it.
    public let message: String
    /// When it may work, if that is known.
    public let retryAfter: Duration?

    package init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// The message.
    public var description: String { message }

    package static let shuttingDown = ServingError(
        .shuttingDown, "the server is shutting down; try again later", retryAfter: .seconds(1))

    package static let deadlineExceeded = ServingError(
        .deadlineExceeded, "the answer did not come by the request's deadline")

    package static let unloaded = ServingError(.notReady, "the model is being unloaded", retryAfter: .seconds(2))

    /// That a model will be there in about so much time.
    static func modelLoading(_ expected: Duration) -> ServingError {
        ServingError(.modelLoading, "the model is being loaded; try again soon", retryAfter: expected)
    }

    static let modelBusy = ServingError(
        .modelBusy, "the model is being loaded; change it when that is done", retryAfter: .seconds(2))

    package static let clientGone = ServingError(.clientGone, "the client has gone")

    init<Instant>(_ refusal: Gate<Instant>.Refusal) {
        switch refusal.reason {
        case .deadline:
            self.init(
                .overloaded, "the request would not be answered by its deadline; try again later, or allow more time",
                retryAfter: refusal.retryAfter)
        case .queueFull:
            self.init(
                .overloaded, "too many requests are waiting; try again later", retryAfter: refusal.retryAfter)
        case .tooLarge:
            self.init(.requestTooLarge, "the request has more tokens than may wait at one time; send it in parts")
        case .neverInTime:
            self.init(
                .requestTooLarge,
                "the request takes longer than its time allows even if nothing else runs; send fewer or shorter texts, or"
                    + " allow more time")
        case .expired: self = .deadlineExceeded
        case .unloaded: self = .unloaded
        }
    }
}
