import Dispatch
import PenstockCompute
import Synchronization

/// A value that a thread of its own makes while others go on.
final class MadeMeanwhile<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let bell = DispatchSemaphore(value: 0)

    /// Begins to make it. Without a thread it is made before this returns.
    ///
    /// - Parameter name: that of the thread
    init(named name: String, _ make: @escaping @Sendable () throws -> Value) {
        let work = { @Sendable [self] in
            let made = Result(catching: make)
            result.withLock { $0 = made }
            bell.signal()
        }
        if (try? ComputeThread.start(name: name, work)) == nil { work() }
    }

    /// Waits for it, once.
    ///
    /// - Throws: what making it throws.
    func get() throws -> Value {
        bell.wait()
        defer { bell.signal() }
        guard let result = result.withLock(\.self) else { preconditionFailure("the bell rings behind the result") }
        return try result.get()
    }
}
