/// Tokens that were computed of late: in the last 8 to 16 batches.
struct RecentTokens: Sendable {
    private static var batchesOfWindow: Int { 8 }

    private var window = 0
    private var current = 0.0
    private var previous = 0.0

    /// Counts tokens of a batch. Batches are numbered.
    mutating func add(_ tokens: Double, of batch: Int) {
        let now = batch / Self.batchesOfWindow
        if now != window {
            previous = now == window + 1 ? current : 0
            (window, current) = (now, 0)
        }
        current += tokens
    }

    /// Those of the batches before one, and of itself.
    func sum(until batch: Int) -> Double {
        switch batch / Self.batchesOfWindow - window {
        case 0: current + previous
        case 1: current
        default: 0
        }
    }
}
