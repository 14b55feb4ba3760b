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
            #expect(parts.count.isMultiple(of: threads))
            var end = 0
            for part in 0..<parts.count {
                #expect(parts[part].startIndex == end && Array(parts[part]) == Array(offsets[parts[part].indices]))
                end = parts[part].endIndex - 1
            }
            #expect(end == offsets.count - 1)
            // Threads that take a part each, or one after the other, end about together.
            let tokens = (0..<parts.count).map { (parts[$0].last ?? 0) - (parts[$0].first ?? 0) }
            var busy = [Int](repeating: 0, count: threads)
            for count in tokens {
                guard let idle = busy.indices.min(by: { busy[$0] < busy[$1] }) else { break }
                busy[idle] += count
            }
            #expect(Double(busy.max() ?? 0) <= 1.15 * Double(lengths.reduce(0, +)) / Double(threads))
        }
        #expect(found > 500)
    }

    @Test(arguments: [
        ([48], 2), ([200, 20], 2), ([10, 10], 2), ([30, 30], 3), ([30, 30], 1), ([], 2), ([23, 24], 2),
    ])
    func thereAreNoneThatWouldLeaveThreadsIdle(lengths: [Int], threads: Int) {
        #expect(SequenceParts(Self.offsets(lengths)[...], threads: threads) == nil)
    }

    @Test func partsAreBalanced() throws {
        let parts = try #require(SequenceParts(Self.offsets([20, 60, 40, 40])[...], threads: 2))
        #expect((0..<parts.count).map { Array(parts[$0]) } == [[0, 20, 80], [80, 120, 160]])
    }
}
