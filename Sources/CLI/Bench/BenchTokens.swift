import PenstockModels

/// Ids that do not repeat soon.
struct BenchTokens {
    private let limit: Int
    private var id = 0

    init(for limits: ModelLimits) { limit = min(20000, limits.vocabularySize) }

    mutating func next(_ count: Int) -> [Int32] {
        (0..<count).map { _ in
            id = (id + 7919) % limit
            return Int32(id)
        }
    }
}
