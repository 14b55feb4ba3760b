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

    var releases: [PageRelease] { pages.releases }

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
        var readers: [Reader] = []
        for item in items where item.isRead {
            item.sequence.prepareToChoose()
            for beam in item.sequence.decoders.indices { readers.append(Reader(sequence: item.sequence, beam: beam)) }
        }
        let isDone = model.forward(
            step, in: pages.pool, on: cpu, in: arena,
            isWanted: { [items] in items.contains { $0.request.isAwaited(at: .now) } }
        ) { range, logits in
            cpu.forEachItem(of: range.count, ChoosingJob(logits: logits, readers: readers[range]))
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
            if item.isRead, item.sequence.lastTokenTime == nil { pages.keepPrefix(of: item.sequence) }
            if item.isRead { item.sequence.searchOn(in: pages.pool) }
            let copies = item.isRead ? item.sequence.forkFollowers(age: pages.nextAge, in: pages.pool) : []
            for copy in copies { pages.add(copy, of: item.request) }
            let all = [item.sequence] + copies
            let found = all.map { item.isRead ? outcome($0, of: item.request, at: now) : .next($0.slice) }
            outcomes[item.place] = found.count == 1 ? found[0] : .several(found)
        }
        items.removeAll(keepingCapacity: true)
        pages.record()
        return outcomes.map { $0 ?? .done }
    }

    /// Makes pages ready for what a slice computes. Returns whether it can be computed now.
    private func prepare(_ sequence: GenerationSequence, _ item: RunnableSlice<GenerationRequest>) -> Bool {
        guard sequence.decoder == nil else {
            // Each beam has one token.
            let tokens = item.slice.kind == .decode ? 1 : item.slice.tokens.count
            return pages.reserve(tokens, for: sequence)
        }
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
        let parts = sequence.next(item.slice.tokens.count)
        let isRead = parts.first.map { sequence.isComplete(with: $0.ids.count) } ?? false
        for part in parts { step.append(part.decoder, ids: part.ids, reading: isRead ? .last : .nothing) }
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

/// Who reads a row of logits.
private struct Reader {
    let sequence: GenerationSequence
    let beam: Int
}

/// Chooses the next tokens of several sequences.
private struct ChoosingJob: ItemsJob {
    let logits: Matrix
    let readers: ArraySlice<Reader>

    func run(_ item: Int, on cpu: CPU) {
        let reader = readers[readers.startIndex + item]
        reader.sequence.choose(logits.row(item), beam: reader.beam)
    }
}
