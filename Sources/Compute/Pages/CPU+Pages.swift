import CKernels

extension CPU {
    /// Writes keys and values of rows to their pages, rounded as the pages are.
    ///
    /// - Parameters:
    ///   - keys, values: `[rows, heads × headSize]` of float32
    ///   - rows: the rows of the batch that they are of
    ///   - layer: the layer of the pages
    package func write(
        keys: Matrix, values: Matrix, of rows: Range<Int>, _ batch: PagedBatch, to memory: PageMemory, layer: Int
    ) {
        let shape = memory.shape
        precondition(keys.rows == rows.count && values.rows == rows.count)
        precondition(keys.columns == shape.heads * shape.headSize && values.columns == keys.columns)
        precondition(keys.precision == .float32 && values.precision == .float32)
        timed(.attention) {
            for (index, row) in rows.enumerated() {
                for head in 0..<shape.heads {
                    memory.write(
                        keys.address(index, head * shape.headSize), values.address(index, head * shape.headSize),
                        at: Int(batch.positions[row]), ofPage: Int(batch.pageOfRow[row]), layer: layer, head: head,
                        with: kernels)
                }
            }
        }
    }

    /// Attention of the rows of a group over the pages of their sequences, up to the merges of the plan, which are left to
    /// ``merge(_:group:heads:scratch:origin:into:)``.
    ///
    /// - Parameters:
    ///   - queries: `[rows of the group, heads × headSize]` of float32
    ///   - keys, values: `[rows of the group, key heads × headSize]` of float32, which are written where the plan says so
    ///   - batch: the step; all other keys and values of its rows have been written
    ///   - plan: how the step is divided
    ///   - group: which group of the plan
    ///   - origin: the row of the step that is the first of the matrices
    ///   - alibi: added to the scores, by position; only where each head of queries has its own head of keys
    ///   - output: `[rows of the group, heads × headSize]` of float32, or of bfloat16 if heads are of an even size
    package func attention(
        queries: Matrix, keys: Matrix, values: Matrix, over memory: PageMemory, layer: Int, _ batch: PagedBatch,
        _ plan: PagedPlan, group: Int,
        origin: Int, heads shape: GroupedHeads, alibi: ALiBi? = nil, scratch: PagedScratch, into output: Matrix
    ) {
        precondition(queries.columns == shape.querySize && output.columns == shape.querySize)
        precondition(queries.precision == .float32 && memory.shape.heads == shape.keyHeads)
        precondition(output.precision == .float32 || shape.headSize.isMultiple(of: 2))
        precondition(alibi == nil || shape.group == 1)
        let job = PagedAttentionJob(
            kernels: kernels, tasks: plan.tasks(ofGroup: group), batch: batch, visibility: plan.visibility,
            memory: memory, layer: layer, shape: shape, alibi: alibi, scratch: scratch, queries: queries,
            keys: keys, values: values, origin: origin, output: output)
        timed(.attention) { run(job, chunks: job.chunks) }
    }

    /// Makes the results of those rows of a group whose ranges of pages were computed apart.
    ///
    /// - Parameter output: as of the attention
    package func merge(
        _ plan: PagedPlan, group: Int, heads shape: GroupedHeads, scratch: PagedScratch, origin: Int,
        into output: Matrix
    ) {
        timed(.attention) {
            for merge in plan.merges(ofGroup: group) {
                for row in merge.rows {
                    for head in 0..<shape.heads {
                        finish(merge, row, head, shape, scratch, into: output, row - origin)
                    }
                }
            }
        }
    }

    private func finish(
        _ merge: PagedPlan.Merge, _ row: Int, _ head: Int, _ shape: GroupedHeads, _ scratch: PagedScratch,
        into output: Matrix, _ place: Int
    ) {
        let (keyHead, query) = head.quotientAndRemainder(dividingBy: shape.group)
        let index = (keyHead * merge.rows.count + row - merge.rows.lowerBound) * shape.group + query
        let first = scratch.parts.base + (merge.parts + index) * scratch.parts.stride
        for range in 1..<max(1, merge.ranges) {
            let part = first + range * merge.rows.count * shape.heads * scratch.parts.stride
            kernels.table.pointee.merge_parts(shape.headSize, shape.mergeScale, part, first)
        }
        kernels.table.pointee.finish_part(
            shape.headSize, first, output.precision == .bfloat16 ? 1 : 0, output.address(place, head * shape.headSize))
    }
}
