import PenstockServing
import Testing

@Suite struct BatchQueueTests {
    @Test func fillsBatchesInOrderUpToTheBudget() {
        var queue = BatchQueue<Int>(tokenBudget: 10)
        for (item, tokens) in [4, 4, 4, 10, 11, 1, 9].enumerated() { queue.append(item, tokens: tokens) }
        var batches: [[Int]] = []
        while !queue.isEmpty { batches.append(queue.takeBatch()) }
        #expect(batches == [[0, 1], [2], [3], [4], [5, 6]])
        #expect(queue.takeBatch().isEmpty)
    }

    @Test func forgetsWhatIsTakenOut() {
        var queue = BatchQueue<Int>(tokenBudget: 10)
        for item in 0..<6 { queue.append(item, tokens: 3) }
        queue.removeAll { $0.isMultiple(of: 2) }
        #expect(queue.takeBatch() == [1, 3, 5])
    }
}
