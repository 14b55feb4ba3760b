import DequeModule
import NIOHTTP1

/// The requests of a connection that are not answered yet, and whether the connection goes on behind them.
struct Exchanges {
    private struct Exchange {
        let wantsBody: Bool
        let version: HTTPVersion
        var isReceived = false
    }

    /// A connection either takes requests, or only finishes what it has, or waits for the client to close it.
    enum Phase {
        case open
        /// Ends with an answer to what could not be read, if there was such a thing.
        case finishing(refusal: ClientError?)
        case lingering
    }

    private var waiting = Deque<Exchange>()
    private(set) var phase = Phase.open

    var isEmpty: Bool { waiting.isEmpty }
    var count: Int { waiting.count }
    /// A request whose body is not here as a whole.
    var isReceiving: Bool { waiting.last.map { !$0.isReceived } ?? false }
    /// The body that is being received belongs to the request that is answered next.
    var isReceivingFirst: Bool { waiting.count == 1 && isReceiving }

    mutating func begin(_ head: HTTPRequestHead) {
        waiting.append(Exchange(wantsBody: head.method != .HEAD, version: head.version))
        if !head.wantsKeepAlive { finish() }
    }

    mutating func endReceiving() {
        guard !waiting.isEmpty else { return }
        waiting[waiting.count - 1].isReceived = true
    }

    /// Takes no further requests.
    mutating func finish(with refusal: ClientError? = nil) {
        if case .open = phase { phase = .finishing(refusal: refusal) }
        if case .finishing(nil) = phase, refusal != nil { phase = .finishing(refusal: refusal) }
    }

    mutating func linger() { phase = .lingering }

    /// How the head of the next answer says whether the connection goes on: the value of `Connection`, if it has to be said.
    mutating func beginAnswer(closes: Bool) -> String? {
        guard let first = waiting.first else { return "close" }
        if closes || !first.isReceived { finish() }
        if case .finishing(refusal: nil) = phase, waiting.count == 1 { return "close" }
        return first.version != .http1_1 ? "keep-alive" : nil
    }

    /// Whether the answer that is being written has a body.
    var answerHasBody: Bool { waiting.first?.wantsBody ?? true }

    mutating func endAnswer() { _ = waiting.popFirst() }

    /// Forgets all exchanges, and returns how many there were.
    mutating func abandon() -> Int {
        defer { waiting.removeAll() }
        return waiting.count
    }
}
