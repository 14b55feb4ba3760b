import PenstockCompute
import PenstockModels

/// The holders of a model's pages: the sequences that have begun, and the cache of what was computed before.
///
/// One thread at a time may use it.
final class SequencePages {
    let pool: PagePool
    private let cache: PrefixCache
    private let metrics: GenerationMetrics
    private var holders: [Holder] = []
    private var lastAge = 0

    /// A sequence that has begun.
    private struct Holder {
        let request: GenerationRequest
        let sequence: GenerationSequence

        var claim: PageClaims.Holder {
            PageClaims.Holder(
                age: sequence.age ?? .max, isPaused: sequence.isPaused, setBacks: sequence.setBacks)
        }
    }

    init(_ pool: PagePool, _ metrics: GenerationMetrics) {
        (self.pool, self.metrics) = (pool, metrics)
        cache = PrefixCache(pool)
        record()
    }

    /// Pages for sequences that begin: those that nobody has, and those that can be had, but for one for each sequence
    /// that goes on, which may need it in the next step.
    var free: Int {
        let going = holders.count { !$0.sequence.isPaused }
        return pool.free + pool.kept + pagesOfPaused - going
    }

    /// Pages that are held only by sequences that wait for their readers, and perhaps by the cache.
    private var pagesOfPaused: Int {
        let paused = holders.lazy.filter(\.sequence.isPaused)
        guard !paused.isEmpty else { return 0 }
        var counts: [Int: Int] = [:]
        for holder in paused {
            for decoder in holder.sequence.decoders { for page in decoder.pages { counts[page, default: 0] += 1 } }
        }
        return counts.count { page, count in pool.users(of: page) == count }
    }

    /// Pages that the sequences give back when they end. Those that wait for their readers are counted as free already.
    var releases: [PageRelease] {
        holders.lazy.map(\.sequence).filter { !$0.isPaused }.map { sequence in
            PageRelease(steps: sequence.stepsLeft, pages: sequence.decoders.reduce(0) { $0 + $1.pages.count })
        }
    }

    /// The number of the next that begins.
    func nextAge() -> Int {
        lastAge += 1
        return lastAge
    }

    // MARK: Sequences

    /// Lets a sequence begin, with what the cache has of it, and pages for all of its tokens.
    ///
    /// - Returns: whether there were enough pages.
    /// - Throws: `ResourceError` if there is no memory for its angles.
    func begin(
        _ sequence: GenerationSequence, of request: GenerationRequest, _ model: DecoderModel
    ) throws(ResourceError) -> Bool {
        let rotation = try sequence.rotation(model)
        let prefix =
            sequence.scoresPrompt ? CachedPrefix() : cache.prefix(of: sequence.tokens, key: key(rotation, request))
        sequence.begin(rotation, prefix, age: nextAge(), in: pool)
        guard reserve(sequence.missing, sequence.decoders, for: nil) else {
            sequence.releasePages(in: pool)
            return false
        }
        add(sequence, of: request)
        guard sequence.setBacks == 0 else { return true }
        metrics.promptTokens.increment(by: sequence.tokens.count)
        if prefix.length > 0 {
            request.add(cachedTokens: prefix.length)
            metrics.cachedTokens.increment(by: prefix.length)
        }
        return true
    }

    /// Takes note of a sequence that has begun.
    func add(_ sequence: GenerationSequence, of request: GenerationRequest) {
        holders.append(Holder(request: request, sequence: sequence))
    }

    /// Takes pages for further tokens of each of the decoders of a sequence. Returns whether there were enough.
    func reserve(_ tokens: Int, for sequence: GenerationSequence) -> Bool {
        reserve(tokens, sequence.decoders, for: sequence.age)
    }

    /// Takes pages for guesses behind the next token of a sequence, for which it has pages, if there are any that
    /// nobody uses.
    func reserveGuesses(_ count: Int, for sequence: GenerationSequence) -> Bool {
        sequence.decoder?.reserve(1 + count, in: pool) ?? false
    }

    /// Takes the pages of a sequence that has ended.
    func release(_ sequence: GenerationSequence, of request: GenerationRequest) {
        holders.removeAll { $0.sequence === sequence }
        keepAll(of: sequence, for: request)
        sequence.releasePages(in: pool)
    }

    /// Takes the pages of requests that have ended or whose time is over.
    func releaseEnded() {
        let now = ContinuousClock.now
        for holder in holders {
            if holder.sequence.isPaused, !holder.request.isAwaited(at: now) { holder.request.abandon() }
            if !holder.request.end.isOpen { release(holder.sequence, of: holder.request) }
        }
        record()
    }

    /// Brings the gauges of pages up to date.
    func record() {
        metrics.usedPages.record(pool.inUse)
        metrics.cachedPages.record(pool.kept)
        metrics.freePages.record(pool.free)
    }

    // MARK: Pages

    private func reserve(_ tokens: Int, _ decoders: [DecoderSequence], for age: Int?) -> Bool {
        func needed() -> Int { decoders.reduce(0) { $0 + $1.pagesNeeded(for: tokens, in: pool) } }
        while needed() > pool.free {
            guard cache.forgetOldest() || setBack(for: age) else { return false }
        }
        return decoders.allSatisfy { $0.reserve(tokens, in: pool) }
    }

    /// Takes the pages of a sequence for one of this age, if one has to give them.
    private func setBack(for age: Int?) -> Bool {
        guard let place = PageClaims.victim(for: age, among: holders.map(\.claim)) else { return false }
        let victim = holders.remove(at: place)
        keepAll(of: victim.sequence, for: victim.request)
        victim.sequence.setBack(in: pool)
        metrics.preemptions.increment()
        return true
    }

    /// Keeps the full pages of a sequence that goes on, for those that begin with the same tokens.
    func keepPrefix(of sequence: GenerationSequence, for request: GenerationRequest) {
        guard let decoder = sequence.decoder else { return }
        keep(decoder, sequence.tokens.prefix(decoder.length / PageShape.tokens * PageShape.tokens), for: request)
    }

    /// Keeps what was computed of a sequence that writes to its pages no more.
    private func keepAll(of sequence: GenerationSequence, for request: GenerationRequest) {
        guard let decoder = sequence.decoder else { return }
        keep(decoder, sequence.tokens.prefix(decoder.length), for: request)
    }

    private func keep(_ decoder: DecoderSequence, _ tokens: ArraySlice<Int32>, for request: GenerationRequest) {
        cache.insert(decoder.pages, of: tokens, key: key(decoder.rotation, request))
    }

    private func key(_ rotation: SequenceRotation, _ request: GenerationRequest) -> PrefixKey {
        PrefixKey(angles: rotation.key, owner: request.ticket.client.caller.flow.owner)
    }
}
