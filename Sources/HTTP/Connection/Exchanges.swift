import DequeModule
import NIOHTTP1

/// The requests of a connection whose answers are not sent yet, and whether the connection goes on behind them.
struct Exchanges {
    private struct Exchange {
        let wantsBody: Bool
        let version: HTTPVersion
        /// The client sends the body once it is told to.
        var awaitsContinue: Bool
        var isReceived = false
    }

    /// A connection either takes requests, or only finishes what it has, or waits for the client to close it.
    enum Phase {
        case open
        /// Ends with an answer to what could not be read, if there was such a thing.
        case finishing(refusal: ClientError?)
        case lingering
    }

    /// Those whose answers are not written to their end.
    private var waiting = Deque<Exchange>()
    /// The number of answers that are written and not sent.
    private var unsent = 0
    private(set) var phase = Phase.open
    private var hasBegun = false
    private var endsBehindFirst = false

    /// Every answer is sent.
    var isEmpty: Bool { waiting.isEmpty && unsent == 0 }
    /// Requests whose answers are not written to their end.
    var unanswered: Int { waiting.count }
    /// A request whose body is not here as a whole.
    var isReceiving: Bool { waiting.last.map { !$0.isReceived } ?? false }

    /// - Parameter awaitsContinue: whether the client waits to be told that its body may come.
    mutating func begin(_ head: HTTPRequestHead, awaitsContinue: Bool) {
        waiting.append(
            Exchange(wantsBody: head.method != .HEAD, version: head.version, awaitsContinue: awaitsContinue))
        hasBegun = true
        if !head.wantsKeepAlive || endsBehindFirst { finish() }
    }

    /// Takes no further requests, since the server ends. Returns false if the first one is still taken: that of a
    /// connection that was accepted in the server's last moment may be on its way.
    mutating func end() -> Bool {
        if !hasBegun, case .open = phase {
            endsBehindFirst = true
            return false
        }
        finish()
        return true
    }

    /// Takes note of some of a body, whose client waits no more.
    mutating func receive() {
        guard !waiting.isEmpty else { return }
        waiting[waiting.count - 1].awaitsContinue = false
    }

    mutating func endReceiving() {
        guard !waiting.isEmpty else { return }
        waiting[waiting.count - 1].awaitsContinue = false
        waiting[waiting.count - 1].isReceived = true
    }

    /// Returns true, once, if the client of the request that is answered next waits to be told that its body may come.
    mutating func takeContinue() -> Bool {
        guard let first = waiting.first, first.awaitsContinue else { return false }
        waiting[0].awaitsContinue = false
        return true
    }

    /// Takes no further requests.
    mutating func finish(with refusal: ClientError? = nil) {
        if case .open = phase { phase = .finishing(refusal: refusal) }
        if case .finishing(nil) = phase, refusal != nil { phase = .finishing(refusal: refusal) }
    }

    mutating func linger() { phase = .lingering }

    /// Returns how the head of the next answer says whether the connection goes on: the value of `Connection`, if it
    /// has to be said.
    mutating func beginAnswer(closes: Bool) -> String? {
        guard let first = waiting.first else { return "close" }
        waiting[0].awaitsContinue = false
        if closes || !first.isReceived { finish() }
        if case .finishing(refusal: nil) = phase, waiting.count == 1 { return "close" }
        return first.version != .http1_1 ? "keep-alive" : nil
    }

    /// True if the answer that is being written has a body.
    var answerHasBody: Bool { waiting.first?.wantsBody ?? true }

    /// Takes note that an answer is written to its end: what is written from now on belongs to the next one.
    mutating func endAnswer() {
        guard waiting.popFirst() != nil else { return }
        unsent += 1
    }

    /// Takes note that an answer is sent. Returns false if there is none that was not.
    mutating func answerIsSent() -> Bool {
        guard unsent > 0 else { return false }
        unsent -= 1
        return true
    }

    /// Forgets all exchanges, and returns how many there were.
    mutating func abandon() -> Int {
        defer {
            waiting.removeAll()
            unsent = 0
        }
        return waiting.count + unsent
    }
}
