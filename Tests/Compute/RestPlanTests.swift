import PenstockCompute
import Testing

/// Workers whose cores other programs want, in a time that is told.
@Suite struct RestPlanTests {
    /// A worker that waits for a core for a share of the time.
    private struct Worker {
        private static let step = Duration.microseconds(100)

        var plan = RestPlan()
        var now = ContinuousClock.now
        var waited = 0.0
        var looks = 0

        /// Begins a job in each step of a time. Returns the share of rests.
        mutating func work(for time: Duration, waiting share: Double, isKnown: Bool = true) -> Double {
            let end = now + time
            var rests = Duration.zero
            while now < end {
                let isDue = plan.restIsDue(at: now) {
                    looks += 1
                    return isKnown ? UInt64(waited) : nil
                }
                let passes = isDue ? RestPlan.rest : Self.step
                if isDue { rests += passes }
                now += passes
                waited += share * (passes / .nanoseconds(1))
            }
            return rests / time
        }
    }

    @Test func whoHasACoreDoesNotRest() {
        var worker = Worker()
        #expect(worker.work(for: .seconds(2), waiting: 0.04) == 0)
        #expect((150...200).contains(worker.looks))
    }

    @Test(arguments: [0.1, 0.5, 1]) func whoWaitsForACoreRestsForAPartOfTheTime(share: Double) {
        var worker = Worker()
        let resting = worker.work(for: .seconds(2), waiting: share)
        #expect((0.55...0.65).contains(resting), "\(resting)")
        // It works again within a moment when the others have gone.
        _ = worker.work(for: .milliseconds(200), waiting: 0)
        #expect(worker.work(for: .seconds(1), waiting: 0) == 0)
    }

    @Test func whereNoAccountIsGivenThereAreNoRests() {
        var worker = Worker()
        #expect(worker.work(for: .seconds(1), waiting: 1, isKnown: false) == 0)
    }
}
