/// The memory that pages lie in: a view of memory that somebody else owns.
package struct PageMemory {
    let base: UnsafeMutablePointer<Float>
    package let shape: PageShape
    /// Units from one page to the next, and from one layer to the next; the latter is 0 if layers follow each other in the
    /// same memory.
    let pageUnits: Int
    let layerUnits: Int

    /// Pages of all layers.
    init(base: UnsafeMutablePointer<Float>, shape: PageShape) {
        (self.base, self.shape) = (base, shape)
        (pageUnits, layerUnits) = (shape.layers * shape.layerUnits, shape.layerUnits)
    }

    /// Pages for one layer at a time, for a pass over whole sequences: a layer's keys and values take the place of those of
    /// the layer before it.
    ///
    /// - Parameter count: how many
    package init(passing shape: PageShape, count: Int, from workspace: Workspace) {
        self.init(passing: workspace.matrix(rows: count, columns: shape.layerUnits), shape)
    }

    private init(passing rows: Matrix, _ shape: PageShape) {
        (base, self.shape) = (rows.base, shape)
        (pageUnits, layerUnits) = (rows.stride, 0)
    }

    /// Returns the address of the keys of a page for a layer and a head of keys, behind which the values lie.
    func address(page: Int, layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        base + page * pageUnits + layer * layerUnits + head * shape.headUnits
    }

    /// Writes key and value of the token at a position, for a layer and a head.
    func write(
        _ key: UnsafePointer<Float>, _ value: UnsafePointer<Float>, at position: Int, ofPage page: Int, layer: Int,
        head: Int, with kernels: Kernels
    ) {
        write(key, value, at: position % PageShape.tokens, to: address(page: page, layer: layer, head: head), kernels)
    }

    /// - Parameter key, value: nil for zeros
    private func write(
        _ key: UnsafePointer<Float>?, _ value: UnsafePointer<Float>?, at place: Int,
        to head: UnsafeMutablePointer<Float>, _ kernels: Kernels
    ) {
        let table = kernels.table.pointee
        let write = shape.hasBytes ? table.write_byte_page : table.write_page
        write?(shape.precision.kernel, shape.headSize, place, key, value, head)
    }

    /// Makes a page zero.
    package func clear(_ page: Int) {
        (base + page * pageUnits).update(repeating: 0, count: max(shape.layerUnits, shape.layers * layerUnits))
    }

    /// Makes the places of some tokens of a page zero, as if nothing had been written there.
    package func clear(_ places: Range<Int>, ofPage page: Int, with kernels: Kernels) {
        precondition(places.lowerBound >= 0 && places.upperBound <= PageShape.tokens)
        for layer in 0..<(layerUnits == 0 ? 1 : shape.layers) {
            for head in 0..<shape.heads {
                let target = address(page: page, layer: layer, head: head)
                for place in places { write(nil, nil, at: place, to: target, kernels) }
            }
        }
    }
}
