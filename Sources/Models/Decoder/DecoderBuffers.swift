import PenstockCompute

/// The memory of one step. G is the tokens of a group, L of a block of rows on each lane.
struct DecoderBuffers {
    /// The most rows that pass a layer together.
    let groupTokens: Int
    let hidden: Matrix  // [T, H]
    let projections: Matrix  // [G, queries, keys, values]
    let context: Matrix  // [G, queries]
    let sum: Matrix  // [L, H]
    let embedded: Matrix  // [L, E] if embeddings are projected
    let feedForward: FeedForward.Buffers
    let scratch: PagedScratch
    let readHidden: Matrix  // [rows that are projected for a head, E]
    let readout: Matrix  // [headRows, width of the widest head]

    /// Rows that a head computes at one time: enough to fill the kernels, few enough to stay small at a vocabulary's width.
    static let headRows = 48
    /// Enough that a layer's weights are worth fetching, few enough that what passes between its steps stays in a cache.
    static let fullGroupTokens = 1024

    init(
        _ shape: DecoderShape, _ pages: PageShape, _ precisions: ActivationPrecisions, tokens: Int, group: Int,
        projected: Int, width: Int, on cpu: CPU, from workspace: Workspace
    ) {
        groupTokens = group
        hidden = workspace.matrix(rows: tokens, columns: shape.hiddenSize)
        projections = workspace.matrix(rows: groupTokens, columns: shape.projectionSize)
        context = workspace.matrix(
            rows: groupTokens, columns: shape.heads.querySize,
            precision: shape.heads.headSize.isMultiple(of: 2) ? precisions.input : .float32)
        sum = cpu.localMatrix(columns: shape.hiddenSize, from: workspace)
        embedded = cpu.localMatrix(columns: shape.embeddingSize ?? 0, from: workspace)
        feedForward = FeedForward.Buffers(
            size: shape.intermediateSize, isGated: shape.isGated, precision: precisions.input, on: cpu,
            from: workspace)
        scratch = cpu.pagedScratch(shape.heads, pages, from: workspace)
        readHidden = workspace.matrix(rows: projected, columns: shape.embeddingSize ?? shape.hiddenSize)
        readout = workspace.matrix(rows: Self.headRows, columns: width)
    }
}
