import PenstockServing
import Testing

/// Callers that ask for more than there is, in virtual time.
@Suite struct WeightedLoadTests: GateTesting {
    private static let heavy = Flow(.key("heavy"), weight: 3)
    private static let light = Flow(.key("light"))
    /// Tokens of each request.
    private static let tokens = 10

    /// What two callers have got of a model that takes 110 ms for 100 tokens, each of whom sends 10 tokens in 11 ms.
    private struct Overload {
        var gate = WeightedLoadTests.gate(budget: 100)
        var owners: [Int: Flow] = [:]
        var done: [Flow: Int] = [:]
        var arrival = ManualInstant.start

        /// Submits what comes up to an instant.
        mutating func receive(upTo now: ManualInstant) {
            while arrival <= now {
                for flow in [WeightedLoadTests.heavy, WeightedLoadTests.light] {
                    let result = gate.submit(
                        .sequences([WeightedLoadTests.tokens]), of: flow, to: 0, deadline: arrival + .seconds(1),
                        at: arrival)
                    if case .success(let request) = result { owners[request] = flow }
                }
                arrival = arrival + .milliseconds(11)
            }
        }

        /// Computes batches one after the other, and counts those that end behind an instant.
        mutating func run(until end: ManualInstant, countingFrom warm: ManualInstant) {
            var now = ManualInstant.start
            while now < end {
                receive(upTo: now)
                guard case .run(_, let items) = gate.next(at: now) else {
                    now = arrival
                    continue
                }
                let seconds = 0.010 + 0.001 * Double(items.reduce(0) { $0 + $1.slice.tokens.count })
                now = now + .seconds(seconds)
                receive(upTo: now)
                gate.finishBatch(seconds: seconds)
                for item in items {
                    guard let flow = owners.removeValue(forKey: item.request), now > warm else { continue }
                    done[flow, default: 0] += WeightedLoadTests.tokens
                }
            }
        }
    }

    @Test func twiceTheLoadIsSharedByWeight() throws {
        var overload = Overload()
        overload.run(until: start + .seconds(130), countingFrom: start + .seconds(10))
        let (heavy, light) = (overload.done[Self.heavy, default: 0], overload.done[Self.light, default: 0])
        #expect(heavy + light > 50_000, "\(heavy) and \(light) tokens")
        #expect(abs(Double(heavy) / Double(light) - 3) < 0.1, "\(heavy) and \(light) tokens")
    }
}
