import NIOCore
import PenstockServing

/// A reader of the body of a request whose headers are in order.
struct BodyReader<Value: Sendable>: Sendable {
    typealias Reservation = MemoryBudget.Reservation

    let maxBodyBytes: Int
    /// Receives the bytes, with their coding and their place in the memory.
    let receive: @Sendable () async throws -> (ByteBuffer, ContentCoding, Reservation)
    /// Bytes that the value of bytes without their coding takes at most beside its texts.
    let decodedBytes: @Sendable (ByteBufferView) throws(ClientError) -> Int
    /// Makes a value of the bytes without their coding.
    let decode: @Sendable (ByteBufferView) throws(ClientError) -> Value

    /// Receives the body, and uses what it says. That has its place in the memory until `use` returns.
    ///
    /// - Parameters:
    ///   - model: the model that is to answer, if that is known. What it would refuse in any case is read no further.
    ///   - use: called on the `WorkThreads`, where the value is freed, too: to walk through what a client made large
    ///     takes longer than those can wait who share a thread that receives and sends
    func read<Result: Sendable>(
        for client: Client, to model: ServedModel? = nil, _ use: @Sendable (Value) async throws -> Result
    ) async throws -> Result {
        let (body, coding, reservation) = try await receive()
        try model?.refuseAny(of: client)
        defer { withExtendedLifetime(reservation) {} }
        return try await client.work { scope in
            let expanded = try await coding.expanded(body.readableBytesView, limit: maxBodyBytes, in: scope) {
                try reservation.grow(by: $0)
            }
            let bytes = expanded.map { ByteBufferView(ByteBuffer(bytes: $0)) } ?? body.readableBytesView
            try reservation.grow(by: decodedBytes(bytes))
            return try await use(try decode(bytes))
        }
    }
}
