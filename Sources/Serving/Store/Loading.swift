import PenstockCompute

/// Work that blocks for long, done on a thread of its own.
enum Loading {
    /// Does `body`, which may be over only after this returns.
    ///
    /// - Throws: what `body` throws; `CancellationError` when the task is cancelled meanwhile.
    static func run<Value: Sendable>(_ body: @Sendable @escaping () throws -> Value) async throws -> Value {
        let (results, continuation) = AsyncStream.makeStream(of: Result<Value, any Error>.self)
        do {
            try ComputeThread.start(name: "loader") {
                continuation.yield(Result(catching: body))
                continuation.finish()
            }
        } catch {
            continuation.yield(.failure(error))
        }
        guard let result = await results.first(where: { _ in true }) else { throw CancellationError() }
        return try result.get()
    }
}
