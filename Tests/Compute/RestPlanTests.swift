import PenstockCompute
import Testing

/// Workers whose cores other programs want, in a time that is told.
@Suite struct RestPlanTests {
    /// A worker that waits for a core for a share of the time that it wants one.
    private struct Worker {
        private static let step: Int64 = 100_000

        var plan = RestPlan()
        var now: Int64 = 0
        var ran = 0.0
        var waited = 0.0
        var looks = 0

        /// Begins a job in each step of a time. Returns the share of rests.
        mutating func work(for milliseconds: Int64, waiting share: Double, isKnown: Bool = true) -> Double {
            let end = now + milliseconds * 1_000_000
            var rests: Int64 = 0
            while now < end {
                let isDue = plan.restIsDue(at: now) {
                    looks += 1
                    return isKnown ? CoreTimes(ran: UInt64(ran), waited: UInt64(waited)) : nil
                }
                let passes = isDue ? RestPlan.rest : Self.step
                now += passes
                if isDue {
                    rests += passes
                } else {
                    ran += (1 - share) * Double(passes)
                    waited += share * Double(passes)
                }
            }
            return Double(rests) / Double(milliseconds * 1_000_000)
        }
    }

    @Test(arguments: [0, 0.1, 0.2]) func whoMostlyHasACoreDoesNotRest(share: Double) {
        var worker = Worker()
        #expect(worker.work(for: 2000, waiting: share) == 0)
        #expect((150...200).contains(worker.looks))
    }

    @Test(arguments: [0.3, 0.5, 1]) func whoWaitsForACoreRestsForAPartOfTheTime(share: Double) {
        var worker = Worker()
        let resting = worker.work(for: 2000, waiting: share)
        #expect((0.55...0.65).contains(resting), "\(resting)")
        // It works again within a moment when the others have gone.
        _ = worker.work(for: 200, waiting: 0)
        #expect(worker.work(for: 1000, waiting: 0) == 0)
    }

    @Test func whereNoAccountIsGivenThereAreNoRests() {
        var worker = Worker()
        #expect(worker.work(for: 1000, waiting: 1, isKnown: false) == 0)
    }
}
