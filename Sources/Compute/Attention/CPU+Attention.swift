extension CPU {
    /// Memory for queries, keys and values of `rows` tokens, side by side in `columns` columns.
    package func attentionInput(
        rows: Int, columns: Int, shape: AttentionShape, precision: Precision, from workspace: Workspace
    ) -> Matrix {
        guard shape.hasHeadsInPanels else { return workspace.matrix(rows: rows, columns: columns) }
        return workspace.panels(rows: rows, columns: columns, precision: precision)
    }

    /// Scratch memory for sequences of up to `longest` tokens, whose queries, keys and values are in `input`.
    ///
    /// - Parameter terms: of the terms that it is used with, the one that needs the most memory.
    package func attentionScratch(
        longest: Int, shape: AttentionShape, input: Matrix, terms: ScoreTerms = .none, from workspace: Workspace
    ) -> AttentionScratch {
        let termUnits =
            switch terms {
            case .none: 0
            case .byDistance(let table): table.units(longest: longest)
            case .alibi(let alibi): alibi.units(longest: longest)
            case .disentangled(let table): table.units(longest: longest)
            }
        let layout = AttentionScratch.Layout(
            longest: longest, shape: shape, precision: input.precision, termUnits: termUnits)
        return AttentionScratch(units: workspace.matrix(rows: threads, columns: layout.count), layout: layout)
    }

    /// Attention within each sequence of a packed batch: softmax(scale·q·kᵀ)·v per head, with what is added to the scores,
    /// over the keys that a query sees. The weight of the others is 0, so that their values must be finite.
    ///
    /// - Parameters:
    ///   - queries, keys, values: `[tokens, heads × headSize]`, one head after the other, as
    ///     ``attentionInput(rows:columns:shape:precision:from:)`` lays them out
    ///   - offsets: where each sequence starts, and where the last one ends, from any origin: `[sequences + 1]`;
    ///     none is longer than the scratch memory allows
    ///   - terms: what is added to the scores; the scratch memory was made for as much
    ///   - visibility: the keys that each query sees
    ///   - output: `[tokens, heads × headSize]`
    package func attention(
        queries: Matrix, keys: Matrix, values: Matrix, offsets: ArraySlice<Int>, shape: AttentionShape,
        terms: ScoreTerms = .none, visibility: Visibility = .everything, scratch: AttentionScratch, into output: Matrix
    ) {
        let precision = scratch.layout.precision
        precondition(queries.precision == precision && keys.precision == precision && values.precision == precision)
        offsets.withUnsafeBufferPointer { offsets in
            func attend(with term: some ScoreTerm) {
                precondition(scratch.layout.termUnits >= term.units(longest: scratch.layout.longest))
                let job = AttentionJob(
                    kernels: kernels, queries: queries, keys: keys, values: values, offsets: offsets, shape: shape,
                    term: term, visibility: visibility, scratch: scratch, output: output)
                timed(.attention) { run(job, chunks: (offsets.count - 1) * shape.heads) }
            }
            // Each kind of term has a job of its own.
            switch terms {
            case .none: attend(with: NoTerm())
            case .byDistance(let table):
                precondition(table.heads == shape.heads)
                attend(with: table)
            case .alibi(let alibi): attend(with: alibi)
            case .disentangled(let table):
                precondition(table.shape.heads == shape.heads && table.shape.headSize == shape.headSize)
                precondition(table.precision == precision && table.longest >= scratch.layout.longest)
                attend(with: table)
            }
        }
    }
}
