/// The slices that wait for the next step of a model that generates and has begun before: sequences that go on, the
/// rest of prompts, and sequences that were set back.
///
/// Each has pages or had them, so that they are few, and looked through for every step.
struct StepQueue: Sendable {
    /// A slice, and whose it is.
    struct Item: Sendable {
        let request: Int
        let slice: Slice
        let flow: Flow

        var batchItem: BatchItem { BatchItem(request: request, slice: slice) }
    }

    private(set) var decodes: [Item] = []
    /// Prompts take turns, from step to step.
    private(set) var rests: [Item] = []
    /// Those that were set back, the oldest first.
    private(set) var setBack: [Item] = []
    /// The work that the running step leaves of its prompts, which comes back behind it.
    private(set) var cut = WorkSize.zero
    /// The next tokens of the last step.
    private(set) var lastDecodes = WorkSize.zero
    /// True if prompts that have begun come before those that have not, as in every other step.
    private(set) var restsFirst = true

    var isEmpty: Bool { decodes.isEmpty && rests.isEmpty && setBack.isEmpty }
    /// Those that go on.
    var begun: Int { decodes.count + rests.count }
    /// The work before a prompt that comes now.
    var promptWork: WorkSize { (rests + setBack).reduce(cut) { $0 + $1.slice.work } }

    /// Adds a slice, unless it is of a sequence that has not begun.
    ///
    /// - Returns: whether it was added.
    mutating func add(_ slice: Slice, to request: Int, of flow: Flow) -> Bool {
        let item = Item(request: request, slice: slice, flow: flow)
        switch slice.kind {
        case .decode: decodes.append(item)
        case .rest:
            cut = .zero
            rests.append(item)
        case .opening(_, wasSetBack: true): setBack.append(item)
        case .opening, .whole: return false
        }
        return true
    }

    /// Takes out what waits of a request.
    mutating func remove(_ request: Int) {
        decodes.removeAll { $0.request == request }
        rests.removeAll { $0.request == request }
        setBack.removeAll { $0.request == request }
    }

    /// The requests of which something waits.
    var requests: Set<Int> { Set((decodes + rests + setBack).map(\.request)) }

    /// Tells whether something can run with so many free pages.
    func isReady(pages: Int?) -> Bool {
        !decodes.isEmpty || !rests.isEmpty || setBack.first.map { $0.slice.fits(pages) } ?? false
    }

    // MARK: Steps

    /// Begins a step, and puts the next tokens of all sequences in that go on.
    mutating func beginStep(_ plan: inout StepPlan) -> [Item] {
        restsFirst.toggle()
        cut = .zero
        var taken: [Item] = []
        while let item = decodes.first, plan.take(decode: item.slice) { taken.append(decodes.removeFirst()) }
        lastDecodes = plan.work
        return taken
    }

    /// Puts in what is left of prompts.
    mutating func takeRests(_ plan: inout StepPlan) -> [Item] { take(from: \.rests, &plan) }

    /// Puts in those that were set back.
    mutating func takeSetBack(_ plan: inout StepPlan) -> [Item] { take(from: \.setBack, &plan) }

    private mutating func take(from place: WritableKeyPath<StepQueue, [Item]>, _ plan: inout StepPlan) -> [Item] {
        var taken: [Item] = []
        while let item = self[keyPath: place].first, let part = plan.take(prompt: item.slice) {
            self[keyPath: place].removeFirst()
            noteCut(item.slice, to: part)
            taken.append(Item(request: item.request, slice: part, flow: item.flow))
        }
        return taken
    }

    /// Takes note that a step has a part of a prompt alone.
    mutating func noteCut(_ slice: Slice, to part: Slice) {
        if part.tokens.count < slice.tokens.count { cut += slice.work - part.work }
    }
}

extension Slice {
    /// Tells whether its sequence can begin, or has, if so many pages are free.
    func fits(_ pages: Int?) -> Bool {
        guard case .opening(let needed, _) = kind, let pages else { return true }
        return needed <= pages
    }
}
