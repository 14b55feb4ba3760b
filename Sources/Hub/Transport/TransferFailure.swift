/// An error that says why a request did not bring what it was to bring.
package enum TransferFailure: Error, Equatable {
    /// No connection, or one that broke; in words.
    case connection(String)
    /// A connection that is not encrypted, or by nobody who is trusted; in words.
    case untrusted(String)
    /// No answer in time.
    case timedOut
    /// Too few bytes in a while.
    case stalled
    /// The server has no time now: 408, 429, 5xx.
    case busy(status: Int, retryAfter: Duration?)
    /// The answer ended early.
    case cut(bytes: Int, of: Int)
    /// The address that the Hub named for a file's bytes serves them no more.
    case expired(status: Int)
    /// A failure that no repetition mends.
    case final(HubError)

    /// Returns the error that a user is told of when nothing more is tried.
    ///
    /// - Parameter place: the server that was asked
    package func error(at place: String) -> HubError {
        switch self {
        case .final(let error): error
        case .untrusted: HubError(.unreachable, "\(place) \(words)")
        case .busy(429, let after):
            HubError(
                .rateLimited,
                "\(place) \(words)\(after.map { ", come back in \($0.wholeSeconds) s" } ?? "")"
                    + "; with HF_TOKEN set it takes more")
        default:
            HubError(.unreachable, "\(place) \(words); check the network, or try again: what is downloaded is kept")
        }
    }

    /// A clause that says what the server did, and follows its name.
    var words: String {
        switch self {
        case .connection(let what): "cannot be reached: \(what)"
        case .untrusted(let what): "cannot be asked over an encrypted connection: \(what)"
        case .timedOut: "does not answer"
        case .stalled: "sends nothing, or next to nothing"
        case .cut(let bytes, let size): "ends its answers early, at \(bytes) of \(size) bytes"
        case .expired(let status): "answers \(status) where the Hub says that the file is"
        case .busy(429, _): "takes no more requests now (429)"
        case .busy(let status, _): "answers \(status), which is its own trouble"
        case .final(let error): error.message
        }
    }
}

extension Duration {
    /// Seconds, rounded up.
    var wholeSeconds: Int {
        let (seconds, rest) = components
        return Int(clamping: seconds) + (rest > 0 ? 1 : 0)
    }
}
