import NIOCore
import PenstockServing

/// A reader of the body of a request whose headers are in order.
struct BodyReader<Value: Sendable>: Sendable {
    typealias Reservation = MemoryBudget.Reservation

    let coding: ContentCoding
    let form: BodyForm
    let maxBodyBytes: Int
    /// Receives the bytes, with their place in the memory.
    let receive: @Sendable () async throws -> (ByteBuffer, Reservation)
    /// Makes a value of the bytes without their coding.
    let decode: @Sendable (BodyForm, ByteBufferView) throws(ClientError) -> Value

    /// Receives the body, and uses what it says. That has its place in the memory until `use` returns.
    ///
    /// - Parameter use: called on the `WorkThreads`, where the value is freed, too: to walk through what a client made
    ///   large takes longer than those can wait who share a thread that receives and sends.
    func read<Result: Sendable>(
        for client: Client, _ use: @Sendable (Value) async throws -> Result
    ) async throws -> Result {
        let (body, reservation) = try await receive()
        defer { withExtendedLifetime(reservation) {} }
        return try await client.work { scope in
            let expanded = try await coding.expanded(body.readableBytesView, limit: maxBodyBytes, in: scope) {
                try reservation.grow(by: $0)
            }
            let bytes = expanded.map { ByteBufferView(ByteBuffer(bytes: $0)) } ?? body.readableBytesView
            try reservation.grow(by: form.decodedBytes(bytes))
            return try await use(try decode(form, bytes))
        }
    }
}
