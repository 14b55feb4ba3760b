import Hummingbird
import NIOCore
import PenstockServing

/// A call whose messages come one after the other, for as long as its client, the server, or its time allows.
struct RPCStream: Sendable {
    /// One message of a call.
    struct Call<Asked: RPCRequest>: Sendable {
        let body: BodyReader<Asked>
        let context: ServerContext
        /// When the message was here.
        let arrival: ContinuousClock.Instant
        /// When the call has to be over; nil if its client does not say.
        let deadline: ContinuousClock.Instant?

        /// The one who waits for its answer, which may take so long.
        func client(within time: Duration) -> Client {
            let end = arrival + time
            return context.client(until: deadline.map { min($0, end) } ?? end, streamsUntil: deadline)
        }

        /// The message, of which nothing is held any more.
        func message(in requests: ObjectRequests) async throws -> Asked {
            let client = client(within: requests.longestTimeout)
            return try await withDeadline(client.deadline) { try await body.read(for: client) { $0 } }
        }
    }

    private let request: Request
    private let context: ServerContext
    private let requests: ObjectRequests
    private let coding: ContentCoding
    private let deadline: ContinuousClock.Instant?

    /// - Parameters:
    ///   - coding: that of messages that are compressed
    ///   - deadline: when the call has to be over; nil if its client does not say
    init(
        _ request: Request, _ context: ServerContext, _ requests: ObjectRequests, coding: ContentCoding,
        deadline: ContinuousClock.Instant?
    ) {
        (self.request, self.context, self.requests) = (request, context, requests)
        (self.coding, self.deadline) = (coding, deadline)
    }

    private typealias Received = (message: RPCFraming.Message, reservation: MemoryBudget.Reservation)

    /// Answers the messages in their order. No more of them are received than one beside that which is being answered.
    ///
    /// A call that begins when the server goes down already has its first message answered, like calls that have only one.
    func answer<Asked: RPCRequest>(
        into writer: inout RPCWriter,
        _ answer: @Sendable (Call<Asked>, inout RPCWriter) async throws -> Void
    ) async throws {
        let queue = BoundedQueue<Received>(limit: 1)
        let reader = requests.reader.limited(to: Asked.longest)
        let isLate = requests.store.isDraining
        let lifetime = RPCLifetime(until: deadline, context, requests.store, endsWithServer: !isLate)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await receive(into: queue, by: reader) }
            group.addTask {
                do {
                    while true { try await lifetime.pause() }
                } catch {
                    queue.finish(error)
                }
            }
            defer {
                queue.close()
                group.cancelAll()
            }
            while let (message, reservation) = try await queue.next() {
                let coding = try coding.coding(of: message)
                let body: BodyReader<Asked> = reader.message { (message.bytes, coding, reservation) }
                try await answer(Call(body: body, context: context, arrival: .now, deadline: deadline), &writer)
                if isLate { throw ServingError.shuttingDown }
            }
        }
    }

    private func receive(into queue: BoundedQueue<Received>, by reader: RequestReader) async {
        do {
            let (limit, memory) = (reader.maxBodyBytes, reader.memory)
            let reservation = try memory.reserve(0)
            var framing = RPCFraming()
            for try await part in request.body {
                try reservation.grow(by: part.readableBytes)
                framing.append(part)
                while let message = try framing.next(limit: limit) {
                    guard await queue.waitForRoom() else { return }
                    queue.append((message, try memory.reserve(message.bytes.readableBytes)))
                    reservation.shrink(to: framing.rest.readableBytes)
                }
            }
            guard framing.rest.readableBytes == 0 else {
                throw ClientError(.malformedRequest, "the call ends within a message")
            }
            queue.finish()
        } catch {
            queue.finish(error)
        }
    }
}
