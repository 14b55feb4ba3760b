import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct PackedBatchTests {
    @Test func sequencesEndToEnd() {
        var batch = PackedBatch(positions: .fromZero)
        #expect(batch.tokens == 0 && batch.sequences == 0 && batch.longest == 0 && batch.offsets == [0])
        for _ in 0..<2 {
            batch.append(ids: [5, 6], typeIDs: [0, 1])
            batch.append(ids: [7, 8, 9], typeIDs: [1, 1, 0])
            batch.append(ids: [4], typeIDs: [0])
            #expect(batch.ids == [5, 6, 7, 8, 9, 4] && batch.typeIDs == [0, 1, 1, 1, 0, 0])
            #expect(batch.positions == [0, 1, 0, 1, 2, 0] && batch.offsets == [0, 2, 5, 6])
            #expect(batch.tokens == 6 && batch.sequences == 3 && batch.longest == 3)
            #expect((0..<3).map(batch.range) == [0..<2, 2..<5, 5..<6])
            batch.removeAll()
            #expect(batch.tokens == 0 && batch.sequences == 0 && batch.longest == 0 && batch.offsets == [0])
        }
    }

    /// Groups are all sequences in their order, as many as fit, and at least one.
    @Test func groups() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<200 {
            let lengths = (0..<Int.random(in: 0...12, using: &random)).map { _ in Int.random(in: 1...9, using: &random)
            }
            let limit = Int.random(in: 1...30, using: &random)
            var batch = PackedBatch(positions: .fromZero)
            for length in lengths {
                batch.append(ids: Array(repeating: 1, count: length), typeIDs: Array(repeating: 0, count: length))
            }
            var first = 0
            batch.forEachGroup(of: limit) { tokens, offsets in
                let count = offsets.count - 1
                #expect(count > 0 && Array(offsets) == Array(batch.offsets[first...first + count]))
                #expect(tokens == batch.offsets[first]..<batch.offsets[first + count])
                #expect(tokens.count <= limit || count == 1)
                first += count
                // One more would not have fitted.
                #expect(first == lengths.count || tokens.count + lengths[first] > limit)
            }
            #expect(first == lengths.count)
        }
    }

    @Test func positionsBehindPadding() {
        var batch = PackedBatch(positions: .behindPadding(1))
        batch.append(ids: [0, 5, 1, 1, 7], typeIDs: [0, 0, 0, 0, 0])
        batch.append(ids: [1, 2], typeIDs: [0, 0])
        #expect(batch.positions == [2, 3, 1, 1, 4, 1, 2])
    }
}
