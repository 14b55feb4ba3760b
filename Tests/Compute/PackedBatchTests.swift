import PenstockCompute
import Testing

@Suite struct PackedBatchTests {
    @Test func sequencesEndToEnd() {
        var batch = PackedBatch()
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
}
