import PenstockCompute
import PenstockTestSupport
import Testing

/// Memory that is not there is an error that says how much was needed.
@Suite struct MemoryTests {
    private static let vast = 1 << 46

    @Test func storage() {
        let error = #expect(throws: ResourceError.self) { try UnitStorage(count: Self.vast) }
        #expect(error?.description.hasPrefix("\(Self.vast * 4) bytes of memory are needed") == true)
        #expect(error?.description.hasSuffix(": Cannot allocate memory") == true)
    }

    /// What has to be left is asked of the system, too, and given back.
    @Test func whatIsLeftToOthers() throws {
        #expect(throws: ResourceError.self) { try UnitStorage(count: 1000, leaving: Self.vast) }
        for count in [1, 1024, 1 << 20] {
            for reserve in [0, 1 << 20] {
                let storage = try UnitStorage(count: count, leaving: reserve)
                storage.base[count - 1] = 1
                #expect(storage.base[count - 1] == 1)
            }
        }
    }

    /// Storages of models lie side by side: each is zero at first, and keeps its numbers when others come and go.
    @Test func storagesThatShareHugePages() throws {
        var random = SeededGenerator(seed: 1)
        var storages: [(storage: UnitStorage, count: Int, value: Float)] = []
        for round in 0..<400 {
            if storages.count > 40 { storages.remove(at: Int.random(in: storages.indices, using: &random)) }
            let count = Int.random(in: round % 20 == 0 ? 1...6_000_000 : 1...50_000, using: &random)
            let storage = try UnitStorage(ofModel: count)
            let places = [0, count / 2, count - 1]
            #expect(places.allSatisfy { storage.base[$0] == 0 })
            for place in places { storage.base[place] = Float(round) }
            storages.append((storage, count, Float(round)))
            #expect(
                storages.allSatisfy { storage, count, value in
                    [0, count / 2, count - 1].allSatisfy { storage.base[$0] == value }
                })
        }
        #expect(throws: ResourceError.self) { try UnitStorage(ofModel: Self.vast) }
    }

    @Test func workspace() {
        #expect(throws: ResourceError.self) { try Workspace { _ = $0.matrix(rows: 1 << 23, columns: 1 << 23) } }
    }

    @Test(arguments: Precision.allCases) func layers(precision: Precision) {
        let weights = WeightMatrix(element: .float32, rows: 1 << 24, columns: 1 << 24) { _, _ in }
        #expect(throws: ResourceError.self) {
            try Linear([weights], precision: precision, in: makeTurns(threads: 1))
        }
        #expect(throws: ResourceError.self) { try Embedding(weights, in: makeTurns(threads: 1)) }
    }

    private struct Unreadable: Error, Equatable {}

    /// An error of one thread ends the work of all, and is that of the whole.
    @Test(arguments: Precision.allCases) func unreadableWeights(precision: Precision) {
        let weights = WeightMatrix(element: .float32, rows: 1000, columns: 300) { offset, buffer in
            if offset > 500_000 { throw Unreadable() }
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
        }
        #expect(throws: Unreadable()) { try Linear([weights], precision: precision, in: makeTurns(threads: 2)) }
        #expect(throws: Unreadable()) { try Embedding(weights, in: makeTurns(threads: 2)) }
    }
}
