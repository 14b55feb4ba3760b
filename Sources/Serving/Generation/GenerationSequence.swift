import PenstockCompute
import PenstockModels
import PenstockPipelines

/// One sequence of a request that generates: its tokens, its pages, and what chooses and ends.
///
/// It waits without pages, has begun with them, or has ended. Set back, it waits again, and its keys and values are computed
/// once more, to the same bits.
final class GenerationSequence {
    /// The number among the sequences of its request.
    let index: Int
    let promptLength: Int
    /// Those of the prompt and of the answer so far.
    private(set) var tokens: [Int32]
    /// Its pages; nil unless it has begun.
    private(set) var decoder: DecoderSequence?
    /// When it began for the first time, among all of the model; the least is the oldest.
    private(set) var age: Int?
    /// How often it was set back.
    private(set) var setBacks = 0
    /// Whether it waits for its reader to take something.
    var isPaused = false
    /// What its last token added; taken by ``takePiece()``.
    private var piece: GeneratedPiece?
    private(set) var hasEnded = false
    private(set) var failure: PipelineError?
    /// When its last token came.
    var lastTokenTime: ContinuousClock.Instant?
    /// Further choices for the same prompt, which begin as copies of this sequence.
    private(set) var followers: [GenerationSequence]

    private var chooser: TokenChooser
    private var stops: StopConditions
    private var text: TextStream
    /// The angles are fixed by the most tokens that it can have.
    private let extent: Int
    private let outputs: Int

    /// - Parameters:
    ///   - prompt: its tokens, at least one
    ///   - limit: tokens that it has at most, more than the prompt
    ///   - outputs: numbers of a row of logits
    init(
        index: Int, prompt: [Int32], _ generation: SequenceGeneration, limit: Int, outputs: Int,
        followers: [GenerationSequence] = []
    ) {
        self.index = index
        self.followers = followers
        (tokens, promptLength, self.outputs) = (prompt, prompt.count, outputs)
        let settings = generation.settings
        chooser = TokenChooser(
            settings, prompt: prompt, choice: generation.choice, seed: generation.seed, limit: limit)
        stops = StopConditions(settings, promptLength: prompt.count, limit: limit)
        text = generation.textStream
        extent = settings.longest(promptLength: prompt.count, limit: limit)
    }

    /// Tokens of the answer so far.
    var generated: Int { tokens.count - promptLength }
    /// Tokens whose keys and values are not in pages.
    var missing: Int { tokens.count - (decoder?.length ?? 0) }

    /// Pages that have to be free for it to begin: those of its tokens and of the next, and one for each copy of it.
    var openingPages: Int { PageShape.pages(for: tokens.count + 1) + followers.count }

    /// What of it is to be computed next.
    var slice: Slice {
        let kind: Slice.Kind =
            decoder == nil
            ? .opening(pages: openingPages, wasSetBack: setBacks > 0)
            : generated > 0 && missing == 1 ? .decode : .rest
        return Slice(sequence: index, tokens: tokens.count - missing..<tokens.count, outputs: outputs, kind: kind)
    }

    // MARK: Pages

    /// Begins with pages of others that hold its first tokens, perhaps none.
    func begin(_ rotation: SequenceRotation, prefix: [Int], age: Int, in pool: PagePool) {
        let decoder = DecoderSequence(rotation: rotation)
        if !prefix.isEmpty { decoder.adopt(prefix, in: pool) }
        self.decoder = decoder
        if self.age == nil { self.age = age }
    }

    /// The angles of its tokens.
    ///
    /// - Throws: `ResourceError` if there is no memory for them.
    func rotation(_ model: DecoderModel) throws(ResourceError) -> SequenceRotation {
        try model.rotation(extent: extent)
    }

    /// Gives its pages back. It is computed again from its first token on.
    func setBack(in pool: PagePool) {
        releasePages(in: pool)
        setBacks += 1
    }

    /// Gives its pages back for good.
    func releasePages(in pool: PagePool) {
        decoder?.releaseAll(in: pool)
        decoder = nil
    }

    /// Lets those that begin as copies of it begin, with its pages.
    func forkFollowers(age: () -> Int, in pool: PagePool) -> [GenerationSequence] {
        guard let decoder, !followers.isEmpty else { return [] }
        defer { followers = [] }
        for follower in followers {
            follower.decoder = decoder.fork(in: pool)
            follower.age = age()
        }
        return followers
    }

    // MARK: Tokens

    /// Chooses the next token, for itself and for those that begin as copies of it.
    ///
    /// - Parameter logits: of its last token; overwritten
    func choose(_ logits: UnsafeMutableBufferPointer<Float>) {
        if !followers.isEmpty {
            let copy = Array(logits)
            for follower in followers {
                _ = logits.update(fromContentsOf: copy)
                follower.chooseAlone(logits)
            }
            _ = logits.update(fromContentsOf: copy)
        }
        chooseAlone(logits)
    }

    private func chooseAlone(_ logits: UnsafeMutableBufferPointer<Float>) {
        do throws(PipelineError) {
            let token = try chooser.choose(logits)
            tokens.append(token.id)
            let added = text.append(token.id)
            let end = stops.finished(by: token.id, text: text)
            hasEnded = end != nil
            piece = GeneratedPiece(
                sequence: index, token: token, text: hasEnded ? added + text.finish() : added, end: end)
        } catch {
            failure = error
        }
    }

    /// What the last token added.
    func takePiece() -> GeneratedPiece? {
        defer { piece = nil }
        return piece
    }

    /// Ends it before its time. Returns what was held back of its text; nil if it has ended already.
    func end(because reason: FinishReason) -> GeneratedPiece? {
        guard !hasEnded else { return nil }
        hasEnded = true
        return GeneratedPiece(sequence: index, token: nil, text: text.finish(), end: reason)
    }
}
