import CKernels

/// A task of a plan for one head of keys with each chunk.
struct PagedAttentionJob: ParallelJob {
    let kernels: Kernels
    let tasks: ArraySlice<PagedPlan.Task>
    let batch: PagedBatch
    let visibility: Visibility
    let memory: PageMemory
    let layer: Int
    let shape: GroupedHeads
    let alibi: ALiBi?
    let scratch: PagedScratch
    /// `[rows of the group, heads × headSize]` of float32
    let queries: Matrix
    /// `[rows of the group, key heads × headSize]` of float32
    let keys: Matrix
    let values: Matrix
    /// The row of the step that is the first of the matrices.
    let origin: Int
    let output: Matrix

    var chunks: Int { tasks.count * shape.keyHeads }

    private var layout: PagedScratch.Layout { scratch.layout }

    func run(chunk: Int, thread: Int) {
        let (index, head) = chunk.quotientAndRemainder(dividingBy: shape.keyHeads)
        let task = tasks[tasks.startIndex + index]
        let memory = scratch.units.base + thread * scratch.units.stride
        if task.writes { write(task.rows, head) }
        packQueries(task, head, in: memory)
        if let parts = task.parts {
            let first = parts + head * task.rows.count * shape.group
            return attend(
                task, head, task.ranges.lowerBound, next: firstKeys(ofChunk: chunk + 1), in: memory,
                into: scratch.parts.base + first * scratch.parts.stride, stride: scratch.parts.stride)
        }
        for range in task.ranges {
            let isFirst = range == task.ranges.lowerBound
            let target = memory + (isFirst ? layout.results : layout.part)
            let next = range + 1 < task.ranges.upperBound ? nil : firstKeys(ofChunk: chunk + 1)
            attend(task, head, range, next: next, in: memory, into: target, stride: layout.partStride)
            if !isFirst { merge(task.rows.count * shape.group, in: memory) }
        }
        finish(task, head, from: memory + layout.results)
    }

    private func write(_ rows: Range<Int>, _ head: Int) {
        for row in rows {
            memory.write(
                keys.address(row - origin, head * shape.headSize), values.address(row - origin, head * shape.headSize),
                at: Int(batch.positions[row]), ofPage: Int(batch.pageOfRow[row]), layer: layer, head: head,
                with: kernels)
        }
    }

    /// The queries of the heads of a group, token after token, rounded: `[tokens × group][units of headSize]`.
    private func packQueries(_ task: PagedPlan.Task, _ head: Int, in memory: UnsafeMutablePointer<Float>) {
        var target = memory
        for row in task.rows {
            for query in head * shape.group..<(head + 1) * shape.group {
                let source = queries.address(row - origin, query * shape.headSize)
                if layout.precision == .bfloat16 {
                    kernels.table.pointee.to_bfloat16(shape.headSize, source, target)
                } else {
                    target.update(from: source, count: shape.headSize)
                }
                target += layout.queryStride
            }
        }
    }

    /// The first page that a chunk reads; nil if there is no such chunk.
    private func firstKeys(ofChunk chunk: Int) -> UnsafeRawPointer? {
        guard chunk < chunks else { return nil }
        let (index, head) = chunk.quotientAndRemainder(dividingBy: shape.keyHeads)
        let task = tasks[tasks.startIndex + index]
        let run = batch.runs[task.run]
        let position = run.position + task.rows.lowerBound - run.rows.lowerBound
        let seen = visibility.keys(seenFrom: position, of: run.positions).lowerBound
        let key = max(seen, task.ranges.lowerBound * PageShape.rangeTokens)
        let page = Int(batch.pages[run.pages.lowerBound + key / PageShape.tokens])
        return UnsafeRawPointer(memory.address(page: page, layer: layer, head: head))
    }

    /// Makes a part of each query and a range of pages.
    ///
    /// - Parameter next: what is read behind them
    private func attend(
        _ task: PagedPlan.Task, _ head: Int, _ range: Int, next: UnsafeRawPointer?,
        in memory: UnsafeMutablePointer<Float>, into parts: UnsafeMutablePointer<Float>, stride: Int
    ) {
        let run = batch.runs[task.run]
        let first = range * PageShape.rangeTokens
        let rows = task.rows.count * shape.group
        let seen = UnsafeMutableRawPointer(memory + layout.seen).bindMemory(to: UInt32.self, capacity: 2 * rows)
        for (index, row) in task.rows.enumerated() {
            let position = run.position + row - run.rows.lowerBound
            let keys = visibility.keys(seenFrom: position, of: run.positions)
                .clamped(to: first..<first + PageShape.rangeTokens)
            for place in index * shape.group..<(index + 1) * shape.group {
                seen[place] = UInt32(keys.lowerBound - first)
                seen[rows + place] = UInt32(keys.upperBound - first)
            }
        }
        let firstPage = run.pages.lowerBound + first / PageShape.tokens
        let pages = min(PageShape.rangeTokens / PageShape.tokens, run.pages.upperBound - firstPage)
        let addends = alibi?.write(
            head, first..<first + pages * PageShape.tokens, shape.scale, to: memory + layout.addends)
        withUnsafeTemporaryAllocation(of: UnsafeRawPointer?.self, capacity: pages) { places in
            for page in 0..<pages {
                places[page] = UnsafeRawPointer(
                    self.memory.address(page: Int(batch.pages[firstPage + page]), layer: layer, head: head))
            }
            var attention = penstock_page_attention(
                precision: layout.precision.kernel, rows: rows, head_size: shape.headSize, queries: memory,
                query_stride: layout.queryStride, pages: pages, page: places.baseAddress, next: next,
                widened: self.memory.shape.hasBytes ? memory + layout.widened : nil, first: seen, end: seen + rows,
                addends: addends, scale: shape.scale, cap: shape.softcap ?? 0, scores: memory + layout.scores,
                score_stride: layout.scoreStride, weights: memory + layout.weights, weight_stride: layout.weightStride,
                parts: parts, part_stride: stride)
            kernels.table.pointee.attend_pages(&attention)
        }
    }

    private func merge(_ rows: Int, in memory: UnsafeMutablePointer<Float>) {
        for row in 0..<rows {
            kernels.table.pointee.merge_parts(
                shape.headSize, shape.mergeScale, memory + layout.part + row * layout.partStride,
                memory + layout.results + row * layout.partStride)
        }
    }

    private func finish(_ task: PagedPlan.Task, _ head: Int, from parts: UnsafeMutablePointer<Float>) {
        var part = parts
        for row in task.rows {
            for query in head * shape.group..<(head + 1) * shape.group {
                kernels.table.pointee.finish_part(
                    shape.headSize, part, output.precision == .bfloat16 ? 1 : 0,
                    output.address(row - origin, query * shape.headSize))
                part += layout.partStride
            }
        }
    }
}
