import PenstockCompute
import PenstockTestSupport
import Testing

/// Sequences in parts for threads of their own.
@Suite struct SequencePartsTests {
    private static func offsets(_ lengths: [Int], from origin: Int = 0) -> [Int] {
        lengths.reduce(into: [origin]) { $0.append(($0.last ?? 0) + $1) }
    }

    @Test func partsAreAllSequencesInTheirOrder() {
        var random = SeededGenerator(seed: 3)
        var found = 0
        for _ in 0..<2000 {
            let lengths = (0..<Int.random(in: 1...60, using: &random)).map { _ in Int.random(in: 1...90, using: &random)
            }
            let offsets = Self.offsets(lengths, from: Int.random(in: 0...500, using: &random))
            let threads = Int.random(in: 2...8, using: &random)
            guard let parts = SequenceParts(offsets[...], threads: threads) else { continue }
            found += 1
            #expect(parts.count == threads)
            var end = 0
            for part in 0..<parts.count {
                #expect(parts[part].startIndex == end && Array(parts[part]) == Array(offsets[parts[part].indices]))
                end = parts[part].endIndex - 1
                // All end about together.
                let tokens = (parts[part].last ?? 0) - (parts[part].first ?? 0)
                #expect(Double(tokens * threads) <= 1.15 * Double(lengths.reduce(0, +)))
            }
            #expect(end == offsets.count - 1)
        }
        #expect(found > 50)
    }

    @Test(arguments: [
        ([48], 2), ([200, 20], 2), ([10, 10], 2), ([30, 30], 3), ([30, 30], 1), ([], 2), ([23, 24], 2),
        ([200, 200], 2),
    ])
    func thereAreNoneThatWouldLeaveThreadsIdle(lengths: [Int], threads: Int) {
        #expect(SequenceParts(Self.offsets(lengths)[...], threads: threads) == nil)
    }

    @Test func partsAreBalanced() throws {
        let parts = try #require(SequenceParts(Self.offsets([20, 60, 40, 40])[...], threads: 2))
        #expect((0..<parts.count).map { Array(parts[$0]) } == [[0, 20, 80], [80, 120, 160]])
    }
}
