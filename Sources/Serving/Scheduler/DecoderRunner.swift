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
    /// The outcome of each slice of the step, as far as that is known before the step.
    private var outcomes: [SliceOutcome?] = []
    /// The slices that are in the step, by their places among those that it was given.
    private var items: [Item] = []

    /// The part of a sequence in a step.
    private struct Item {
        let place: Int
        let request: GenerationRequest
        let sequence: GenerationSequence
        let part: SequencePart
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
        var ready: [(place: Int, sequence: GenerationSequence)] = []
        // The oldest first: whoever is set back for it is not ready yet.
        for (place, item) in slices.enumerated().sorted(by: { $0.element.age < $1.element.age }) {
            let sequence = item.request.sequence(of: item.slice)
            sequence.isPaused = false
            if prepare(sequence, item) {
                ready.append((place, sequence))
            } else {
                outcomes[place] = .next(sequence.slice)
            }
        }
        for (place, sequence) in ready { add(sequence, slices[place], at: place) }
        guard !items.isEmpty else { return false }
        var readers: [Reader] = []
        for item in items {
            for row in item.part.scored { readers.append(Reader(sequence: item.sequence, purpose: .scoring, row: row)) }
            guard item.part.chosen > 0 else { continue }
            item.sequence.prepareToChoose()
            for row in 0..<item.part.chosen * item.part.appended.count {
                readers.append(Reader(sequence: item.sequence, purpose: .choosing, row: row))
            }
        }
        let isDone = model.forward(
            step, in: pages.pool, on: cpu, in: arena,
            isWanted: { [items] in items.contains { $0.request.isAwaited(at: .now) } }
        ) { range, logits in
            let job = ReadingJob(logits: logits, readers: readers[range])
            cpu.forEachItem(of: job.runs.count, job)
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
            let isComplete = item.part.isComplete
            item.sequence.settlePrompt(isComplete: isComplete)
            if isComplete, item.sequence.lastTokenTime == nil {
                pages.keepPrefix(of: item.sequence, for: item.request)
            }
            if isComplete { item.sequence.searchOn(in: pages.pool) }
            let copies = isComplete ? item.sequence.forkFollowers(age: pages.nextAge, in: pages.pool) : []
            for copy in copies { pages.add(copy, of: item.request) }
            let all = [item.sequence] + copies
            if isComplete { for sequence in all { settleGuesses(of: sequence) } }
            let isTold = isComplete || item.sequence.failure != nil
            let found = all.map { isTold ? outcome($0, of: item.request, at: now) : .next($0.slice) }
            outcomes[item.place] = found.count == 1 ? found[0] : .several(found)
        }
        items.removeAll(keepingCapacity: true)
        pages.record()
        return outcomes.map { $0 ?? .done }
    }

    /// Makes pages ready for what a slice computes. Returns whether it can be computed now.
    private func prepare(_ sequence: GenerationSequence, _ item: RunnableSlice<GenerationRequest>) -> Bool {
        guard sequence.decoder == nil else {
            // Each beam has one token, and guesses take nobody's pages.
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

    /// Puts as many tokens of a sequence into the step as its slice has, from those on that are missing, and guesses
    /// behind them if nobody needs the pages.
    private func add(_ sequence: GenerationSequence, _ item: RunnableSlice<GenerationRequest>, at place: Int) {
        let guesses = item.slice.guesses
        let hasPages = guesses > 0 && pages.reserveGuesses(guesses, for: sequence)
        let part = sequence.next(item.slice.tokens.count - guesses, guesses: hasPages ? guesses : 0)
        for (decoder, ids) in part.appended {
            step.append(decoder, ids: ids, reading: part.reading(of: ids.count, behind: decoder.length))
        }
        items.append(Item(place: place, request: item.request, sequence: sequence, part: part))
    }

    /// Takes note of what became of the guesses of a sequence.
    private func settleGuesses(of sequence: GenerationSequence) {
        let (all, right) = sequence.settleGuesses(in: pages.pool)
        guard all > 0 else { return }
        metrics.guessedTokens.increment(by: all)
        metrics.rightTokens.increment(by: right)
    }

    private func outcome(
        _ sequence: GenerationSequence, of request: GenerationRequest, at now: ContinuousClock.Instant
    ) -> SliceOutcome {
        let hasRoom = request.deliver(sequence, at: now, metrics)
        guard !sequence.hasEnded, request.end.isOpen else {
            pages.release(sequence, of: request)
            return .done
        }
        sequence.isPaused = !hasRoom
        return hasRoom ? .next(sequence.slice) : .whenRoom(request.answer, sequence.slice)
    }
}

extension RunnableSlice<GenerationRequest> {
    /// The number of its sequence's beginning; one that has not begun is the youngest.
    fileprivate var age: Int { request.sequence(of: slice).age ?? .max }
}

/// The reader of a row of logits.
private struct Reader {
    /// The reason to read it.
    enum Purpose { case scoring, choosing }

    let sequence: GenerationSequence
    let purpose: Purpose
    /// The number of the row among those by which tokens are chosen, or the token of the prompt that it is of.
    let row: Int

    /// True if it cannot be read before the one in front of it was: behind a guess.
    var followsOthers: Bool { purpose == .choosing && row > 0 && !sequence.isSearching }

    func read(_ logits: UnsafeMutableBufferPointer<Float>) {
        switch purpose {
        case .scoring: sequence.scores?.score(logits, behind: row)
        case .choosing: sequence.choose(logits, row: row)
        }
    }
}

/// Chooses the next tokens of several sequences, and scores those of prompts.
private struct ReadingJob: ItemsJob {
    let logits: Matrix
    let readers: ArraySlice<Reader>
    /// The readers that follow each other: those of guesses, of one sequence.
    let runs: [Range<Int>]

    init(logits: Matrix, readers: ArraySlice<Reader>) {
        (self.logits, self.readers) = (logits, readers)
        var runs: [Range<Int>] = []
        for (index, reader) in readers.enumerated() {
            if let last = runs.last, reader.followsOthers {
                runs[runs.count - 1] = last.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        self.runs = runs
    }

    func run(_ item: Int, on cpu: CPU) {
        for index in runs[item] {
            readers[readers.startIndex + index].read(logits.row(index))
        }
    }
}
