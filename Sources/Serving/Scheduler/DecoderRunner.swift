import PenstockCompute
import PenstockModels
import PenstockPipelines

/// Runs steps of a model that generates.
final class DecoderRunner: SliceRunner, PageHolder {
    /// Holds the weights.
    private let loaded: LoadedModel
    private let model: DecoderModel
    private let pages: SequencePages
    private let metrics: GenerationMetrics
    private let step = DecoderStep()
    /// What becomes of each slice of the step, as far as that is known before the step.
    private var outcomes: [SliceOutcome?] = []
    /// The slices that are in the step, by their places among those that it was given.
    private var items: [Item] = []

    /// What is in a step of a sequence.
    private struct Item {
        let place: Int
        let request: GenerationRequest
        let sequence: GenerationSequence
        /// Whether its next token is chosen.
        let isRead: Bool
    }

    init(_ loaded: LoadedModel, _ generator: Generator, _ metrics: GenerationMetrics) {
        (self.loaded, model, self.metrics) = (loaded, generator.model, metrics)
        pages = SequencePages(generator.pool, metrics)
    }

    var freePages: Int { pages.free }

    func releaseEnded() { pages.releaseEnded() }

    func run(_ slices: [RunnableSlice<GenerationRequest>], on cpu: CPU, in arena: Workspace) -> Bool {
        releaseEnded()
        step.removeAll()
        items.removeAll(keepingCapacity: true)
        outcomes = Array(repeating: nil, count: slices.count)
        // The oldest first: whoever is set back for it is not in the step yet.
        for (place, item) in slices.enumerated().sorted(by: { $0.element.age < $1.element.age }) {
            let sequence = item.request.sequence(of: item.slice)
            sequence.isPaused = false
            guard prepare(sequence, item) else {
                outcomes[place] = .next(sequence.slice)
                continue
            }
            add(sequence, item, at: place)
        }
        guard !items.isEmpty else { return false }
        let readers = items.filter(\.isRead).map(\.sequence)
        let isDone = model.forward(
            step, in: pages.pool, on: cpu, in: arena,
            isWanted: { [items] in items.contains { $0.request.isAwaited(at: .now) } }
        ) { range, logits in
            cpu.forEachItem(of: range.count, ChoosingJob(logits: logits, sequences: readers[range]))
        }
        if !isDone {
            for item in items {
                item.request.abandon()
                outcomes[item.place] = .done
            }
            items.removeAll()
        }
        return isDone && step.tokens == slices.reduce(0) { $0 + $1.slice.tokens.count }
    }

    func deliver(_ slices: [RunnableSlice<GenerationRequest>]) -> [SliceOutcome] {
        let now = ContinuousClock.now
        for item in items {
            if item.isRead, item.sequence.generated == 1 { pages.keepPrefix(of: item.sequence) }
            let copies = item.isRead ? item.sequence.forkFollowers(age: pages.nextAge, in: pages.pool) : []
            for copy in copies { pages.add(copy, of: item.request) }
            let all = [item.sequence] + copies
            let found = all.map { item.isRead ? outcome($0, of: item.request, at: now) : .next($0.slice) }
            outcomes[item.place] = found.count == 1 ? found[0] : .several(found)
        }
        items.removeAll(keepingCapacity: true)
        metrics.usedPages.record(pages.pool.count - pages.pool.free)
        metrics.freePages.record(pages.pool.free)
        return outcomes.map { $0 ?? .done }
    }

    /// Makes pages ready for what a slice computes. Returns whether it can be computed now.
    private func prepare(_ sequence: GenerationSequence, _ item: RunnableSlice<GenerationRequest>) -> Bool {
        guard sequence.decoder == nil else { return pages.reserve(item.slice.tokens.count, for: sequence) }
        // Without pages it was set back since the slice was made.
        guard case .opening = item.slice.kind else { return false }
        do {
            return try pages.begin(sequence, of: item.request, model)
        } catch {
            item.request.end.finish(throwing: error)
            return false
        }
    }

    /// Puts as many tokens of a sequence into the step as its slice has, from those on that are missing.
    private func add(_ sequence: GenerationSequence, _ item: RunnableSlice<GenerationRequest>, at place: Int) {
        guard let decoder = sequence.decoder else { return }
        let tokens = sequence.tokens[decoder.length...].prefix(item.slice.tokens.count)
        let isRead = tokens.endIndex == sequence.tokens.endIndex
        step.append(decoder, ids: tokens, reading: isRead ? .last : .nothing)
        items.append(Item(place: place, request: item.request, sequence: sequence, isRead: isRead))
    }

    private func outcome(
        _ sequence: GenerationSequence, of request: GenerationRequest, at now: ContinuousClock.Instant
    ) -> SliceOutcome {
        let hasRoom = request.deliver(sequence, at: now, metrics)
        guard !sequence.hasEnded, request.end.isOpen else {
            pages.release(sequence)
            return .done
        }
        sequence.isPaused = !hasRoom
        return hasRoom ? .next(sequence.slice) : .whenRoom(request.answer, sequence.slice)
    }
}

extension RunnableSlice<GenerationRequest> {
    /// When its sequence began; one that has not is the youngest.
    fileprivate var age: Int { request.sequence(of: slice).age ?? .max }
}

/// Chooses the next tokens of several sequences.
private struct ChoosingJob: ItemsJob {
    let logits: Matrix
    let sequences: ArraySlice<GenerationSequence>

    func run(_ item: Int, on cpu: CPU) { sequences[sequences.startIndex + item].choose(logits.row(item)) }
}
