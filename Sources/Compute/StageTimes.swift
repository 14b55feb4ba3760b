/// The kinds of operations that a forward pass spends its time on.
package enum Stage: String, Sendable, CaseIterable {
    /// Rows looked up in tables.
    case embedding
    /// Matrix products with weights, and what is fused to them.
    case linear
    /// Rows rounded to the precision of a product.
    case rounding
    /// Activations that are not fused to a product.
    case activation
    case attention
    case normalisation
}

/// Time by stage, of the thread that uses one `CPU`.
struct StageTimes {
    private var durations = [Duration](repeating: .zero, count: Stage.allCases.count)

    subscript(stage: Stage) -> Duration {
        get { durations[Self.index(stage)] }
        set { durations[Self.index(stage)] = newValue }
    }

    private static func index(_ stage: Stage) -> Int { Stage.allCases.firstIndex(of: stage) ?? 0 }
}
