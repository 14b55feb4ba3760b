import PenstockCompute

/// The sizes that all layers of an encoder share.
struct EncoderShape: Sendable {
    let hiddenSize: Int
    let layers: Int
    let attention: AttentionShape
    let intermediateSize: Int
    /// True if the first product of a feed-forward makes two numbers for each of the second, one of which is a factor.
    var isGated = false
    /// The numbers of an embedding that is projected to a hidden state; nil if it is one.
    var embeddingSize: Int?
}

/// The memory of one forward pass. G is the tokens of a group, L of a block of rows on each lane.
struct EncoderBuffers {
    let groupTokens: Int
    let hidden: Matrix  // [T, H]
    private(set) var projections: Matrix  // [G, 3H]: queries, keys, values
    private(set) var context: Matrix  // [G, H]
    let sum: Matrix  // [L, H]
    let embedded: Matrix  // [L, E]
    let feedForward: FeedForward.Buffers
    let scratch: AttentionScratch
    let headHidden: Matrix  // [headRows, width of the widest transform]
    let headOutput: Matrix  // [headRows, width of the widest head]

    /// The tokens of a batch, and of its parts.
    struct Tokens {
        let all: Int
        let longest: Int
        let group: Int
    }

    /// The rows that heads compute at one time, and how wide they are.
    struct HeadSizes {
        let rows: Int
        let hidden: Int
        let output: Int
    }

    /// - Parameter terms: what the layers add to their scores, all of them as much.
    init(
        _ shape: EncoderShape, _ precisions: ActivationPrecisions, _ tokens: Tokens, terms: ScoreTerms,
        heads: HeadSizes, on cpu: CPU, from workspace: Workspace
    ) {
        groupTokens = tokens.group
        hidden = workspace.matrix(rows: tokens.all, columns: shape.hiddenSize)
        projections = cpu.attentionInput(
            rows: groupTokens, columns: 3 * shape.hiddenSize, shape: shape.attention,
            precision: precisions.attention, from: workspace)
        context = workspace.matrix(
            rows: groupTokens, columns: shape.hiddenSize,
            precision: projections.precision == .bfloat16 ? precisions.input : .float32)
        sum = cpu.localMatrix(columns: shape.hiddenSize, from: workspace)
        embedded = shape.embeddingSize.map { cpu.localMatrix(columns: $0, from: workspace) } ?? sum
        feedForward = FeedForward.Buffers(
            size: shape.intermediateSize, isGated: shape.isGated, precision: precisions.input, on: cpu,
            from: workspace)
        scratch = cpu.attentionScratch(
            longest: tokens.longest, shape: shape.attention, input: projections, terms: terms, from: workspace)
        headHidden = workspace.matrix(rows: heads.rows, columns: heads.hidden)
        headOutput = workspace.matrix(rows: heads.rows, columns: heads.output)
    }

    /// The same with those of the group's buffers that belong to some of its rows.
    func ofRows(_ rows: Range<Int>) -> EncoderBuffers {
        var part = self
        (part.projections, part.context) = (projections.rows(rows), context.rows(rows))
        return part
    }
}
