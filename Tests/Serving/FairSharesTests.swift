import PenstockServing
import PenstockTestSupport
import Testing

@Suite struct FairSharesTests {
    /// Runs tenants that always have work, and returns the seconds that each got.
    private static func seconds(
        weights: [Double], batch: [Double], for total: Double, errors: [Double] = [1, 1, 1]
    ) -> [Double] {
        var shares = FairShares()
        for (index, weight) in weights.enumerated() {
            shares.add(.model(index), weight: weight)
            shares.activate(.model(index))
        }
        var seconds = [Double](repeating: 0, count: weights.count)
        while seconds.reduce(0, +) < total {
            let next = weights.indices.min { shares.start(.model($0)) < shares.start(.model($1)) } ?? 0
            shares.begin(.model(next), seconds: batch[next] * errors[next])
            shares.advance(.model(next), seconds: batch[next] - batch[next] * errors[next])
            seconds[next] += batch[next]
        }
        return seconds
    }

    @Test func secondsAreSharedByWeightWhateverABatchTakes() {
        let seconds = Self.seconds(weights: [1, 1, 2], batch: [0.001, 0.05, 0.02], for: 100)
        for (seconds, expected) in zip(seconds, [25.0, 25, 50]) { #expect(abs(seconds - expected) < 0.2) }
    }

    @Test func wrongPredictionsAreMadeGood() {
        let seconds = Self.seconds(weights: [1, 1, 1], batch: [0.01, 0.01, 0.01], for: 30, errors: [0.1, 1, 5])
        for seconds in seconds { #expect(abs(seconds - 10) < 0.2) }
    }

    @Test func whoRestedStartsBesideTheOthersAndNotAheadOfThem() {
        var shares = FairShares()
        for index in 0..<2 { shares.add(.model(index), weight: 1) }
        shares.activate(.model(0))
        for _ in 0..<100 { shares.begin(.model(0), seconds: 1) }
        // For all the 100 seconds that the first had, the second is owed its next turn and no more.
        shares.activate(.model(1))
        #expect(shares.start(.model(1)) < shares.start(.model(0)))
        shares.begin(.model(1), seconds: 1.5)
        #expect(shares.start(.model(0)) < shares.start(.model(1)))
    }

    @Test func afterARestOfAllNobodyIsBehind() {
        var shares = FairShares()
        for index in 0..<2 { shares.add(.model(index), weight: 1) }
        shares.activate(.model(0))
        shares.begin(.model(0), seconds: 10)
        shares.rest()
        for index in 0..<2 { shares.activate(.model(index)) }
        #expect(shares.start(.model(0)) == shares.start(.model(1)))
    }
}
