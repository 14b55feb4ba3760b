/// The settings by which a model is served.
public struct ServingConfiguration: Sendable, Equatable {
    /// The longest time of a request, if it does not ask for less.
    public var requestTimeout = Duration.seconds(30)

    /// The longest time of all that follows the first token of a text that is told piece by piece; the first has to be
    /// there in the time of a request.
    public var streamTimeout = Duration.seconds(600)

    /// The longest time that a sequence waits for its next token because prompts of others are computed.
    public var tokenGap = Duration.milliseconds(50)

    /// Tokens that are guessed at most behind the next one of a sequence, by what it has said before, and computed with
    /// it where that costs little; 0 for none. The texts are the same.
    public var lookup = 0

    /// Bytes of the keys and values of a model that generates; nil for a share of the memory that is left.
    public var keyValueBytes: Int?

    /// True if batches of several sizes are run at start, for about a second at most, to see what they cost. Without
    /// that the gate knows no times at first: it lets everything in, and batches are as large as the workspace.
    public var warmsUp = true

    /// The rules by which requests are let in and batched.
    package var gate = GateConfiguration()

    /// The defaults.
    public init() {}
}

extension ServingConfiguration {
    /// Tokens that are computed at one time, all requests together; nil for as many as make good use of the processor.
    /// A longer sequence is computed alone.
    public var maxBatchTokens: Int? {
        get { gate.maxBatchTokens }
        set { gate.maxBatchTokens = newValue }
    }

    /// The time that an idle engine waits for company for the first sequence of a batch.
    public var batchLinger: Duration {
        get { gate.batchLinger }
        set { gate.batchLinger = newValue }
    }

    /// Tokens that may wait for the model at one time.
    public var maxQueueTokens: Int {
        get { gate.maxQueueTokens }
        set { gate.maxQueueTokens = newValue }
    }

    /// The model's seconds of the processor in relation to those of other models, while all have work.
    public var weight: Double {
        get { gate.weight }
        set { gate.weight = newValue }
    }

    /// The values that ``lookup`` may have.
    public static let lookups = 0...32

    /// The values that a weight may have.
    public static let weights = 0.01...100.0
    /// The same in words.
    package static let weightRule = "a number from \(weights.lowerBound) to \(Int(weights.upperBound))"
}
