import PenstockCompute

/// A decoder as a model of whole sequences: for classification and embeddings.
///
/// Keys and values of one layer at a time lie in pages of the workspace, those of the next in their place.
extension DecoderModel: Model {
    package var widths: [Readout: Int] { heads.mapValues { $0.output?.outputs ?? 0 } }

    /// The last token has seen all others. A sequence ends before its padding for a head that classifies, also if a text
    /// spells that out; one of padding alone is read at its first token, as upstream. The next token is that behind the
    /// last one, whatever that is.
    package func sequenceRow(of ids: [Int32], for readout: Readout) -> Int {
        guard readout == .sequenceLogits, !scoresTokens, let padding = shape.padding else { return ids.count - 1 }
        return ids.lastIndex { $0 != padding } ?? 0
    }

    /// Pages of a pass: those of its tokens, and for the last of each sequence as many again, up to some.
    private static func passPages(tokens: Int) -> Int { PageShape.pages(for: tokens) + min(tokens, 64) }

    package func layOut(tokens: Int, on cpu: CPU, in workspace: Workspace) {
        _ = buffers(tokens: tokens, longest: min(tokens, limits.tokens), on: cpu, from: workspace)
        _ = PageMemory(passing: pages.withoutBytes, count: Self.passPages(tokens: tokens), from: workspace)
    }

    package func forward(
        _ batch: ModelBatch, on cpu: CPU, in workspace: Workspace, isWanted: () -> Bool,
        body: (Range<Int>, Matrix) -> Void
    ) throws -> Bool {
        workspace.reset()
        let packed = batch.packed
        let buffers = buffers(tokens: packed.tokens, longest: packed.longest, on: cpu, from: workspace)
        let count = Self.passPages(tokens: packed.tokens)
        let memory = PageMemory(passing: pages.withoutBytes, count: count, from: workspace)
        let step = DecoderStep()
        var first = 0
        while first < packed.sequences {
            step.removeAll()
            let end = try fill(step, with: batch, from: first, pages: count, in: memory)
            guard compute(step, in: memory, on: cpu, buffers, isWanted) else { return false }
            let rows = (first == 0 ? 0 : batch.rowEnds[first - 1])..<batch.rowEnds[end - 1]
            guard read(rows, of: batch, on: cpu, buffers, isWanted, body) else { return false }
            first = end
        }
        return true
    }

    /// Adds sequences of a batch from one on, as many as there are pages for.
    ///
    /// - Returns: the end of them.
    private func fill(
        _ step: DecoderStep, with batch: ModelBatch, from first: Int, pages count: Int, in memory: PageMemory
    ) throws -> Int {
        let packed = batch.packed
        var (sequence, used) = (first, 0)
        while sequence < packed.sequences {
            let tokens = packed.range(of: sequence)
            let needed = PageShape.pages(for: tokens.count)
            guard used + needed <= count else { break }
            // Places behind the last token are read with a weight of zero.
            memory.clear(used + needed - 1)
            let start = sequence == 0 ? 0 : batch.rowEnds[sequence - 1]
            step.append(
                ids: packed.ids[tokens], from: 0, in: Array(used..<used + needed),
                try rotation(extent: tokens.count),
                .some(batch.rows[start..<batch.rowEnds[sequence]].map { $0 - tokens.lowerBound }))
            used += needed
            sequence += 1
        }
        precondition(sequence > first, "a sequence has pages")
        return sequence
    }

    /// Lends what is read of some rows of a batch, through the head of each.
    ///
    /// - Returns: whether it was done to its end.
    private func read(
        _ rows: Range<Int>, of batch: ModelBatch, on cpu: CPU, _ buffers: DecoderBuffers, _ isWanted: () -> Bool,
        _ body: (Range<Int>, Matrix) -> Void
    ) -> Bool {
        var isDone = true
        batch.forEachRun { readout, run in
            guard let head = heads[readout] else { preconditionFailure("the model is not loaded for \(readout)") }
            let part = run.clamped(to: rows)
            guard isDone, !part.isEmpty else { return }
            isDone = isWanted()
            guard isDone else { return }
            read(part.lowerBound - rows.lowerBound..<part.upperBound - rows.lowerBound, through: head, on: cpu, buffers)
            {
                body($0.lowerBound + rows.lowerBound..<$0.upperBound + rows.lowerBound, $1)
            }
        }
        return isDone
    }
}
