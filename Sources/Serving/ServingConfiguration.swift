import Foundation

/// How a model is served.
public struct ServingConfiguration: Sendable {
    /// Threads that compute: the model's own and its helpers. By default one per processor that the process may use.
    public var threads: Int

    /// Tokens that are computed at one time, all requests together; a longer sequence is computed alone.
    ///
    /// On a processor, tokens per second stop rising after a few hundred tokens, and more only make everyone wait.
    public var maxBatchTokens: Int

    /// A configuration with these values, the rest at their defaults.
    public init(threads: Int = ProcessInfo.processInfo.activeProcessorCount, maxBatchTokens: Int = 1024) {
        self.threads = threads
        self.maxBatchTokens = maxBatchTokens
    }
}
