import CKernels

/// The terms that disentangled attention adds to the products of queries and keys, before their scale (He et al. 2021,
/// DeBERTa):
///
///     query·position key[place] + key·position query[place]
///
/// with position keys and position queries that are looked up by the distance of query and key; either may be missing.
package final class DisentangledTable: Sendable {
    /// The heads, as queries and keys have them.
    package let shape: AttentionShape
    /// The precision in which queries, keys and these positions are stored.
    package let precision: Precision
    /// The tokens of the longest sequence.
    package let longest: Int
    /// The places that there are.
    let count: Int
    /// Panels of 64 places for each head, `[heads][count / 64][units of headSize][64]`.
    private let keys: UnitStorage?
    private let queries: UnitStorage?
    /// The place of each distance key - query, from -(longest - 1) on: they fall as it grows. `[2·longest - 1]`
    private let places: [Int32]

    /// The embeddings and layers that positions are computed from.
    package struct Source {
        /// `[count, hidden size]`
        let embeddings: [Float]
        /// The norm that is applied to the embeddings first.
        let norm: LayerNorm?
        /// The layers that make position keys of them, and position queries, `[heads × headSize, hidden size]`.
        let keys: Linear?
        let queries: Linear?

        package init(embeddings: [Float], norm: LayerNorm?, keys: Linear?, queries: Linear?) {
            (self.embeddings, self.norm, self.keys, self.queries) = (embeddings, norm, keys, queries)
        }
    }

    /// Computes positions.
    ///
    /// - Parameters:
    ///   - precision: of attention, which the shape may make float32
    ///   - span: half of the places; the distance query - key has the place bucket + span, as far as there are places
    /// - Throws: ``ResourceError`` if there is not as much memory, and what waiting for a turn throws.
    package init(
        _ source: Source, shape: AttentionShape, precision: Precision, span: Int, buckets: SignedBuckets,
        longest: Int, in turns: ComputeTurns
    ) throws {
        (self.shape, self.precision, self.longest, count) = (shape, shape.precision(precision), longest, 2 * span)
        places = Self.places(span: span, buckets, longest: longest)
        let positions = PositionRows(source, count: 2 * span, shape: shape, precision: self.precision)
        keys = try source.keys.map { try positions.panels($0, in: turns) }
        queries = try source.queries.map { try positions.panels($0, in: turns) }
    }

    /// A table that nobody looks anything up in, to see what it takes.
    package init(
        planned span: Int, shape: AttentionShape, precision: Precision, hasKeys: Bool, hasQueries: Bool, longest: Int
    ) {
        (self.shape, self.precision, self.longest, count) = (shape, shape.precision(precision), longest, 2 * span)
        places = []
        (keys, queries) = (hasKeys ? .planned : nil, hasQueries ? .planned : nil)
    }

    /// The bytes of the table.
    package var bytes: Int {
        let sides = (keys == nil ? 0 : 1) + (queries == nil ? 0 : 1)
        return (sides * shape.heads * headUnits + max(0, 2 * longest - 1)) * MemoryLayout<Float>.stride
    }

    private static func places(span: Int, _ buckets: SignedBuckets, longest: Int) -> [Int32] {
        guard longest > 0 else { return [] }
        return (-(longest - 1)...longest - 1).map { distance in
            Int32(min(max(buckets.bucket(of: -distance) + span, 0), 2 * span - 1))
        }
    }

    /// The units of the positions of a head.
    private var headUnits: Int { Linear.panelCount(count) * panelUnits }
    private var panelUnits: Int { precision.units(shape.headSize) * Linear.panelWidth }
}

// MARK: As a term

extension DisentangledTable: ScoreTerm {
    /// The distance of two rows of products: not a multiple of a page, which would put all into the same few lines of a
    /// cache.
    private var stride: Int { Linear.panelCount(count) * Linear.panelWidth + 16 }

    /// Returns the place of products with queries: `[queries of a block][places]`, behind those of keys,
    /// `[keys][places]`, and behind both the addends of a query.
    private func queryProducts(longest: Int) -> Int { queries == nil ? 0 : longest * stride }
    private func addends(longest: Int) -> Int {
        queryProducts(longest: longest) + (keys == nil ? 0 : AttentionScratch.Layout.queryRows * stride)
    }

    func units(longest: Int) -> Int { addends(longest: longest) + longest }

    /// Multiplies keys by position queries.
    func prepare(_ head: AttentionHead, in memory: UnsafeMutablePointer<Float>) {
        guard let queries else { return }
        let panels = panels(head.queries, head.keys)
        multiply(head.keyRows, by: queries, panels, of: head, into: memory)
    }

    /// Multiplies queries by position keys.
    func prepare(_ block: QueryBlock, of head: AttentionHead, in memory: UnsafeMutablePointer<Float>) {
        guard let keys else { return }
        let first = head.queries.lowerBound
        let rows = head.queryRows.rows(block.queries.lowerBound - first..<block.queries.upperBound - first)
        let panels = panels(block.queries, block.keys)
        multiply(rows, by: keys, panels, of: head, into: memory + queryProducts(longest: head.keys.count))
    }

    func addends(
        ofQueryAt position: Int, _ block: QueryBlock, of head: AttentionHead, in memory: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float>? {
        let (width, key) = (Linear.panelWidth, block.keys.lowerBound)
        let sums = memory + addends(longest: head.keys.count)
        let queryProducts =
            keys == nil
            ? nil
            : memory + queryProducts(longest: head.keys.count) + (position - block.queries.lowerBound) * stride
                - panels(block.queries, block.keys).lowerBound * width
        let keyProducts =
            queries == nil
            ? nil
            : memory + (key - head.keys.lowerBound) * stride - panels(head.queries, head.keys).lowerBound * width
        guard queryProducts != nil || keyProducts != nil else { return nil }
        places.withUnsafeBufferPointer { places in
            guard let base = places.baseAddress else { return }
            head.kernels.table.pointee.gather_sums(
                block.keys.count, base + (key - position + longest - 1), queryProducts, keyProducts, stride, sums)
        }
        return UnsafePointer(sums)
    }

    /// The panels of the places of queries and keys.
    private func panels(_ queries: Range<Int>, _ keys: Range<Int>) -> Range<Int> {
        let last = place(keys.lowerBound - (queries.upperBound - 1))
        let first = place(keys.upperBound - 1 - queries.lowerBound)
        return first / Linear.panelWidth..<last / Linear.panelWidth + 1
    }

    private func place(_ distance: Int) -> Int { Int(places[distance + longest - 1]) }

    /// products[row] = rows·positions, of the panels of a range, from the first of them on.
    private func multiply(
        _ rows: Matrix, by positions: UnitStorage, _ panels: Range<Int>, of head: AttentionHead,
        into products: UnsafeMutablePointer<Float>
    ) {
        let width = Linear.panelWidth
        var operand = Operand(units: rows.address(0, 0), stride: rows.stride).from(0)
        for panel in panels {
            head.kernels.table.pointee.matrix_sums(
                precision.kernel, rows.rows, min(width, count - panel * width), precision.units(shape.headSize),
                &operand, positions.base + head.index * headUnits + panel * panelUnits,
                products + (panel - panels.lowerBound) * width, stride)
        }
    }
}
