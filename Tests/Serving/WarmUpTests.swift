import PenstockServing
import Testing

/// A warm-up on a machine that has other things to do, with times that are told.
@Suite struct WarmUpTests {
    private static func quiet(_ sequences: Int, _ length: Int) -> Double {
        1e-4 + 2e-6 * Double(sequences * length) + 1e-9 * Double(sequences * length * length)
    }

    private static func costs(disturbedBy factor: (Int) -> Double) -> (CostModel, [Double]) {
        var times: [Double] = []
        let costs = WarmUp.costs(longest: 512, capacity: 2048, width: 0) { shape in
            times.append(quiet(shape.sequences, shape.length) * factor(times.count))
            return times[times.count - 1]
        }
        return (costs, times)
    }

    @Test func aMachineThatIsQuietOnceInAWhileIsSeenAsItIs() {
        let (expected, _) = Self.costs { _ in 1 }
        // Three of four times are disturbed, each shape at other times.
        let (disturbed, times) = Self.costs { ($0 + $0 / 6).isMultiple(of: 4) ? 1 : 2 + Double($0 % 5) }
        #expect(times.count == 24)
        let budgets = [expected, disturbed].map { $0.budget(within: 0.03, of: WorkSize(tokens: 1, pairs: 32)) }
        #expect(budgets[0] != nil)
        #expect(budgets[0] == budgets[1])
        #expect(disturbed.seconds(WorkSize(length: 100)) == expected.seconds(WorkSize(length: 100)))
    }

    @Test(arguments: [1, 10, 100, 1e4]) func itTakesABoundedTime(slowness: Double) {
        let (costs, times) = Self.costs { _ in slowness }
        #expect(costs.seconds(WorkSize(length: 8)) > 0)
        // Half a second for the first round and less for the others, but for the first batch and the last ones.
        let longest = times.max() ?? 0
        #expect(times.reduce(0, +) <= 0.6 + 2 * longest)
        #expect(slowness < 1e4 || times.count == 1)
    }

    /// On a machine so slow that there is time for few shapes, of which the longer ones are disturbed, the cost of
    /// pairs is not made up.
    @Test(arguments: [20.0, 100, 300], [1, 1.5, 3]) func fewShapesTellNoCostOfPairs(slowness: Double, factor: Double) {
        func seconds(_ sequences: Int, _ length: Int) -> Double { slowness * Self.quiet(sequences, length) }
        let costs = WarmUp.costs(
            longest: 512, capacity: 512, width: 0, from: CostModel(mostTokensPerPair: 0.004)
        ) { shape in
            seconds(shape.sequences, shape.length) * (shape.length > 8 ? factor : 1)
        }
        let (found, actual) = (costs.seconds(WorkSize(length: 512)), seconds(1, 512))
        #expect(found > 0.3 * actual && found < 6 * factor * actual)
    }

    @Test func shapesThatCannotBeRunAreLeftOut() {
        func costs(without length: Int) -> CostModel {
            WarmUp.costs(longest: 512, capacity: 2048, width: 0) { shape in
                shape.length == length ? nil : Self.quiet(shape.sequences, shape.length)
            }
        }
        let (all, some) = (costs(without: 0), costs(without: 128))
        for length in [8, 128, 512] {
            let work = WorkSize(length: length)
            #expect(abs(some.seconds(work) / all.seconds(work) - 1) < 1e-6)
        }
    }

    @Test func shapesThatDoNotFitAreLeftOut() {
        var shapes: [[Int]] = []
        _ = WarmUp.costs(longest: 64, capacity: 100, width: 0) { shape in
            shapes.append([shape.sequences, shape.length])
            return Self.quiet(shape.sequences, shape.length)
        }
        #expect(Set(shapes) == [[1, 8], [1, 32]])
    }
}
