/// The memory in which attention works, for each thread: keys and values of one head as the panels of a product, scores
/// and weights of a block of queries, and what a term makes ready.
package struct AttentionScratch {
    let units: Matrix
    let layout: Layout

    /// The places of the parts, for sequences of up to `longest` tokens.
    struct Layout {
        static let queryRows = 48

        let longest: Int
        let precision: Precision
        let keys = 0
        let values: Int
        let scores: Int
        let scoreStride: Int
        let weights: Int
        let weightStride: Int
        let term: Int
        let count: Int

        init(longest: Int, shape: AttentionShape, precision: Precision, termUnits: Int) {
            let width = Linear.panelWidth
            self.longest = longest
            self.precision = precision
            values = Linear.panelCount(longest) * precision.units(shape.headSize) * width
            scores = values + Linear.panelCount(shape.headSize) * precision.units(longest) * width
            // Not a multiple of a page, which would put all rows into the same few lines of a cache.
            scoreStride = Linear.panelCount(longest) * width + 16
            // Weights of single precision take the place of the scores.
            let isInPlace = precision == .float32
            weights = isInPlace ? scores : scores + Self.queryRows * scoreStride
            weightStride = isInPlace ? scoreStride : (precision.units(longest) + 15) / 16 * 16 + 16
            term = weights + Self.queryRows * weightStride
            count = term + termUnits
        }

        /// The units that a term has.
        var termUnits: Int { count - term }
    }

    /// The memory of a thread.
    func memory(ofThread thread: Int) -> UnsafeMutablePointer<Float> { units.base + thread * units.stride }
}
