/// Slices that wait for a model: fair by weight between flows, and by turns between the requests of a flow.
///
/// Between flows it is start-time fair queueing (Goyal, Vin and Cheng, 1996), as between models in ``FairShares``, but of
/// tokens: a flow's slice starts in virtual time where the one before it ended, a token being 1 / weight long, and the least
/// start is next. All operations are logarithmic in the number of slices and of flows that wait.
package struct FairQueue<Instant: InstantProtocol>: Sendable {
    private struct Owner {
        let flow: Flow.ID
        let deadline: Instant
    }

    /// Those of which something waits, and those that rest.
    private var flows: [Flow.ID: FlowState] = [:]
    /// Flows of which something waits, by the start of their next slice, and by the end of their last one.
    private var starts = SummedTree<FlowPlace>()
    private var ends = SummedTree<FlowPlace>()
    /// Flows that have had more than their share of late, and nothing that waits.
    private var resting = SummedTree<FlowPlace>()
    /// The start of the slice that was taken last.
    private var virtualTime = 0.0
    private var lastStamp = 0
    private var lastBatch = 0
    /// The tokens that were computed of all flows, and those that could have been.
    private var recent = (taken: RecentTokens(), room: RecentTokens())
    /// The requests of which something waits.
    private var owners: [Int: Owner] = [:]
    private var deadlines = SummedTree<Due<Instant>>()

    /// The number of slices that wait.
    package private(set) var count = 0

    /// Flows without anything that waits are remembered, but no more than so many.
    private static var mostResting: Int { 1024 }

    /// An empty queue.
    package init() {}

    /// The work that waits, all requests together.
    package var size: WorkSize { ends.weight.work }

    package var isEmpty: Bool { ends.isEmpty }

    /// The number of flows that are known, those included that wait for nothing.
    package var flowCount: Int { flows.count }

    // MARK: Requests

    /// Adds a request with its slices, at least one. Its number is greater than all before it.
    @_specialize(where Instant == ContinuousClock.Instant)
    package mutating func append(_ request: Int, _ slices: [Slice], of flow: Flow = .others, deadline: Instant) {
        own(request, flow, deadline)
        modify(flow) { $0.append(request, slices) }
    }

    /// Adds a further slice of a request.
    @_specialize(where Instant == ContinuousClock.Instant)
    package mutating func add(_ slice: Slice, to request: Int, of flow: Flow = .others, deadline: Instant) {
        if owners[request] == nil { own(request, flow, deadline) }
        modify(flow) { $0.add(slice, to: request) }
    }

    private mutating func own(_ request: Int, _ flow: Flow, _ deadline: Instant) {
        owners[request] = Owner(flow: flow.id, deadline: deadline)
        deadlines.insert(Due(deadline: deadline, request: request))
    }

    /// Takes out what waits of a request. Returns whether something did.
    @discardableResult
    @_specialize(where Instant == ContinuousClock.Instant)
    package mutating func remove(_ request: Int) -> Bool {
        guard let owner = owners[request], let flow = flows[owner.flow]?.flow else { return false }
        disown(request)
        modify(flow) { $0.remove(request) }
        return true
    }

    private mutating func disown(_ request: Int) {
        guard let owner = owners.removeValue(forKey: request) else { return }
        deadlines.remove(Due(deadline: owner.deadline, request: request))
    }

    /// Takes out the requests whose deadlines are over, the oldest deadline first, but not more than `limit`.
    @_specialize(where Instant == ContinuousClock.Instant)
    package mutating func removeExpired(at now: Instant, limit: Int) -> [Int] {
        var expired: [Int] = []
        while expired.count < limit, let due = deadlines.first, due.deadline <= now {
            remove(due.request)
            expired.append(due.request)
        }
        return expired
    }

    // MARK: Batches

    /// Takes the next batch: as many slices in turn as fit, and at least one if there is any.
    ///
    /// - Parameters:
    ///   - budget: tokens of the batch
    ///   - limit: slices of the batch
    ///   - dropLimit: requests that are dropped at most
    ///   - isAwaited: asked when it is a request's turn; if nobody waits for it, it is dropped and the next one's turn
    ///   - isLost: whether a slice of this work would not be done by its deadline if it were computed alone and at once; its
    ///     request is dropped if others wait, since those behind it would be late, too
    ///   - part: how much of a slice fits, beside those that it was asked about before; nil if nothing of it. What it leaves
    ///     does not wait any more.
    ///   - isInTime: whether a batch of this work would be done by the earliest deadline of those in it
    /// - Returns: the batch, and the requests that were dropped.
    @_specialize(where Instant == ContinuousClock.Instant)
    package mutating func takeBatch(
        tokens budget: Int, items limit: Int, dropLimit: Int, isAwaited: (Int) -> Bool,
        isLost: (WorkSize, Instant) -> Bool = { _, _ in false }, part: (Slice) -> Slice? = { $0 },
        isInTime: (WorkSize, Instant) -> Bool
    ) -> (batch: [BatchItem], dropped: [Int]) {
        var batch: [BatchItem] = []
        var dropped: [Int] = []
        var work = WorkSize.zero
        var earliest: Instant?
        lastBatch += 1
        while batch.count < limit, dropped.count < dropLimit, let place = starts.first,
            let item = flows[place.id]?.turns.first, let deadline = owners[item.request]?.deadline
        {
            guard isAwaited(item.request), owners.count == 1 || !isLost(item.slice.work, deadline) else {
                remove(item.request)
                dropped.append(item.request)
                continue
            }
            guard let slice = part(item.slice) else { break }
            work += slice.work
            let due = min(earliest ?? deadline, deadline)
            guard batch.isEmpty || (Int(work.tokens) <= budget && isInTime(work, due)) else { break }
            earliest = due
            batch.append(BatchItem(request: item.request, slice: slice))
            take(BatchItem(request: item.request, slice: slice), of: place.id)
        }
        let tokens = batch.reduce(0) { $0 + $1.slice.work.tokens }
        recent.taken.add(tokens, of: lastBatch)
        recent.room.add(max(tokens, Double(budget)), of: lastBatch)
        return (batch, dropped)
    }

    private mutating func take(_ item: BatchItem, of id: Flow.ID) {
        guard let (flow, start) = flows[id].map({ ($0.flow, $0.start) }) else { return }
        virtualTime = max(virtualTime, start)
        var isOver = false
        modify(flow, startingAt: start + item.slice.work.tokens / flow.weight) { turns in
            turns.removeFirst()
            isOver = !turns.has(item.request)
        }
        flows[id]?.recent.add(item.slice.work.tokens, of: lastBatch)
        if isOver { disown(item.request) }
        forgetResting()
    }

    /// The slice that is next; nil if none waits.
    var first: Slice? { starts.first.flatMap { flows[$0.id]?.turns.first?.slice } }

    /// Counts what was computed of a flow without having waited here.
    mutating func charge(_ flow: Flow, _ work: WorkSize) {
        let start = flows[flow.id].map { max($0.start, virtualTime) } ?? virtualTime
        virtualTime = max(virtualTime, start)
        modify(flow, startingAt: start + work.tokens / flow.weight) { _ in }
        forgetResting()
    }

    // MARK: Flows

    /// Changes what waits of a flow, and puts it where it belongs from then on.
    ///
    /// - Parameter start: where its next slice starts; nil for where it would start anyhow
    private mutating func modify(_ flow: Flow, startingAt start: Double? = nil, _ body: (inout TurnQueue) -> Void) {
        // Moved out and changed in its place: nobody may hold a copy of it, which all that waits would be copied for.
        var state: FlowState
        if let former = flows.removeValue(forKey: flow.id) {
            takeOut(former)
            state = former
        } else {
            state = FlowState(flow: flow, start: virtualTime, stamp: 0)
        }
        if start != nil || state.turns.isEmpty {
            lastStamp += 1
            state.stamp = lastStamp
            state.start = start ?? max(state.start, virtualTime)
        }
        state.flow = flow
        count -= state.turns.count
        body(&state.turns)
        count += state.turns.count
        putIn(state)
    }

    private mutating func takeOut(_ state: FlowState) {
        guard state.turns.isEmpty else {
            starts.remove(state.startPlace)
            ends.remove(state.endPlace)
            return
        }
        resting.remove(state.startPlace)
    }

    private mutating func putIn(_ state: consuming FlowState) {
        if !state.turns.isEmpty {
            starts.insert(state.startPlace)
            ends.insert(state.endPlace)
        } else if state.start > virtualTime {
            resting.insert(state.startPlace)
        } else {
            return
        }
        flows[state.flow.id] = state
    }

    /// Forgets flows that have had no more than their share, and of too many those that have had the least more.
    private mutating func forgetResting() {
        while let place = resting.first, place.time <= virtualTime || resting.weight.flows > Self.mostResting {
            resting.remove(place)
            flows[place.id] = nil
            virtualTime = max(virtualTime, place.time)
        }
    }

    /// Takes note that nothing waits or runs: what each flow had before is of no importance to the next.
    mutating func rest() {
        precondition(isEmpty)
        flows = [:]
        resting = SummedTree()
        virtualTime = 0
        recent = (RecentTokens(), RecentTokens())
        lastBatch = 0
    }

    // MARK: Prediction

    /// The work of others that is done before the last of `items` slices of this work together that would be added now.
    ///
    /// Of the requests of the same flow it is exact. Other flows may bring more before, which is estimated by what they
    /// were given of late.
    @_specialize(where Instant == ContinuousClock.Instant)
    package func workAhead(of flow: Flow = .others, items: Int, _ work: WorkSize) -> WorkSize {
        let state = flows[flow.id]
        let own = state?.turns.workAhead(ofItems: items) ?? .zero
        let others = starts.weight + resting.weight - (state?.startPlace.weight ?? .zero)
        guard others.flows > 0 else { return own }
        // The start of the last of its slices, in virtual time.
        let before = own.tokens + work.tokens * (1 - 1 / Double(max(1, items)))
        let waiting = workOfOthers(than: state, until: max(virtualTime, state?.start ?? 0) + before / flow.weight)
        let coming = before * min(newcomers(beside: state), Double(others.hundredths) / Double(flow.hundredths))
        guard coming > waiting.tokens else { return own + waiting }
        let known = own + waiting + work
        return own + waiting + known * ((coming - waiting.tokens) / max(1, known.tokens))
    }

    /// Returns the work that other flows that wait get until a place in virtual time. It is not less than it will be,
    /// if nothing comes, but for what their slices differ from the mean.
    private func workOfOthers(than state: FlowState?, until place: Double) -> WorkSize {
        var (all, begun) = (starts.weight, starts.weight(before: FlowPlace(behind: place)))
        var over = ends.weight(before: FlowPlace(behind: place))
        if let state, !state.turns.isEmpty {
            all -= state.startPlace.weight
            begun -= state.startPlace.weight
            if state.endPlace.time <= place { over -= state.endPlace.weight }
        }
        // Those that have begun and are not over by then have got their weight's tokens, and one slice more at most.
        let going = begun - over
        let rest = all.work - over.work
        guard going.flows > 0, rest.tokens > 0 else { return over.work }
        let tokens =
            Double(going.hundredths) / 100 * (place - virtualTime)
            + Double(going.flows) * size.tokens / Double(max(1, count))
        return over.work + rest * min(1, tokens / rest.tokens)
    }

    /// Tokens of other flows for each token of one, if they go on to ask for as much as of late and get it.
    private func newcomers(beside state: FlowState?) -> Double {
        let room = recent.room.sum(until: lastBatch)
        let others = recent.taken.sum(until: lastBatch) - (state?.recent.sum(until: lastBatch) ?? 0)
        return others <= 0 ? 0 : others < room ? others / (room - others) : .infinity
    }

    /// The part of the room in the queue that is a flow's beside the others of which something waits.
    func share(of flow: Flow) -> Double {
        let waiting = flows[flow.id].map { $0.turns.isEmpty ? 0 : $0.flow.hundredths } ?? 0
        return Double(flow.hundredths) / Double(starts.weight.hundredths - waiting + flow.hundredths)
    }

    /// Returns the work of a flow that waits.
    func size(of flow: Flow) -> WorkSize { flows[flow.id]?.turns.size ?? .zero }
}
