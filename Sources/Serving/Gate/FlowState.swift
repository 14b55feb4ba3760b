/// One flow in the queue of a model.
struct FlowState: Sendable {
    var flow: Flow
    /// The slices of it that wait.
    var turns = TurnQueue()
    /// The start of its next slice in virtual time.
    var start: Double
    /// Tells flows apart whose slices start at one place.
    var stamp: Int

    /// The tokens that were computed of it.
    var recent = RecentTokens()

    init(flow: Flow, start: Double, stamp: Int) { (self.flow, self.start, self.stamp) = (flow, start, stamp) }

    /// The place that it has in the order of starts.
    var startPlace: FlowPlace { FlowPlace(time: start, stamp: stamp, id: flow.id, weight: sum) }
    /// The place that it has in the order of the ends of all that waits.
    var endPlace: FlowPlace {
        FlowPlace(time: start + turns.size.tokens / flow.weight, stamp: stamp, id: flow.id, weight: sum)
    }

    private var sum: FlowSum { FlowSum(flows: 1, hundredths: flow.hundredths, work: turns.size) }
}

/// A place of a flow in virtual time.
struct FlowPlace: SummedElement {
    let time: Double
    let stamp: Int
    let id: Flow.ID
    let weight: FlowSum

    /// Behind all flows that stand at a place of virtual time or before it.
    init(behind time: Double) { self.init(time: time, stamp: .max, id: .others, weight: .zero) }

    init(time: Double, stamp: Int, id: Flow.ID, weight: FlowSum) {
        (self.time, self.stamp, self.id, self.weight) = (time, stamp, id, weight)
    }

    static func == (a: FlowPlace, b: FlowPlace) -> Bool { a.time == b.time && a.stamp == b.stamp }

    static func < (a: FlowPlace, b: FlowPlace) -> Bool { (a.time, a.stamp) < (b.time, b.stamp) }
}

/// A sum of what several flows have. All of it are whole numbers, so that what is added and taken away leaves nothing
/// behind.
struct FlowSum: AdditiveArithmetic, Sendable {
    var flows: Int
    /// Their weights.
    var hundredths: Int
    /// The work of them that waits.
    var work: WorkSize

    static let zero = FlowSum(flows: 0, hundredths: 0, work: .zero)

    static func + (a: FlowSum, b: FlowSum) -> FlowSum {
        FlowSum(flows: a.flows + b.flows, hundredths: a.hundredths + b.hundredths, work: a.work + b.work)
    }

    static func - (a: FlowSum, b: FlowSum) -> FlowSum {
        FlowSum(flows: a.flows - b.flows, hundredths: a.hundredths - b.hundredths, work: a.work - b.work)
    }
}
