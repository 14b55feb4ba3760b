/// The memory in which attention over pages works: for each thread the queries of a block, their scores, weights and parts,
/// and beside that the parts that are merged later.
package struct PagedScratch {
    let units: Matrix
    let parts: Matrix
    let layout: Layout

    /// The places of the memory of a thread.
    struct Layout {
        let precision: Precision
        let queryStride: Int
        let scoreStride: Int
        let weightStride: Int
        let partStride: Int
        /// Rows of a block.
        let rows: Int
        let scores: Int
        let weights: Int
        let results: Int
        let part: Int
        let addends: Int
        let widened: Int
        let seen: Int
        let count: Int

        init(_ shape: GroupedHeads, _ pages: PageShape) {
            precision = pages.precision
            rows = PagedPlan.blockTokens(shape) * shape.group
            // Not multiples of a page of memory, which would put all rows into the same few lines of a cache.
            queryStride = (precision.units(shape.headSize) + 15) / 16 * 16 + 16
            scoreStride = PageShape.rangeTokens + 16
            partStride = pages.columns + 16
            scores = rows * queryStride
            // Weights of single precision take the place of the scores.
            let isInPlace = precision == .float32
            weights = isInPlace ? scores : scores + rows * scoreStride
            weightStride = isInPlace ? scoreStride : precision.units(PageShape.rangeTokens) + 16
            results = weights + rows * weightStride
            part = results + rows * partStride
            addends = part + rows * partStride
            widened = addends + PageShape.rangeTokens
            seen = widened + pages.widenedUnits
            count = seen + 2 * rows
        }
    }
}

extension CPU {
    /// Memory for attention over pages.
    package func pagedScratch(_ shape: GroupedHeads, _ pages: PageShape, from workspace: Workspace) -> PagedScratch {
        let layout = PagedScratch.Layout(shape, pages)
        return PagedScratch(
            units: workspace.matrix(rows: threads, columns: layout.count),
            parts: workspace.matrix(rows: PagedPlan.mostParts, columns: layout.partStride), layout: layout)
    }
}
