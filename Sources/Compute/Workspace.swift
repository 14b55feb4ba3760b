/// The memory of one forward pass at a time, handed out anew for each.
package final class Workspace {
    /// Nil if it only counts.
    private var memory: UnitStorage?
    private var capacity: Int
    private var used = 0

    /// Floats of a cache line: rows start on one.
    private static let alignment = 16
    /// Floats of a page.
    private static let page = 1024
    /// A workspace that holds what `matrices` takes out of it.
    ///
    /// The closure is called once, with a workspace that only counts: the matrices it hands out have no memory.
    ///
    /// - Throws: ``ResourceError`` if there is not as much memory.
    package convenience init(for matrices: (Workspace) -> Void) throws(ResourceError) {
        let floats = Self.floats(for: matrices)
        self.init(floats: floats, in: try UnitStorage(count: floats))
    }

    /// A workspace without memory yet.
    package convenience init() { self.init(floats: 0, in: .planned) }

    /// Gives it so many bytes instead of those that it has. No matrix may be in use.
    ///
    /// - Throws: ``ResourceError`` if there is not as much memory; the workspace is as before then.
    package func resize(bytes: Int) throws(ResourceError) {
        let floats = (bytes + MemoryLayout<Float>.stride - 1) / MemoryLayout<Float>.stride
        memory = floats == 0 ? .planned : try UnitStorage(count: floats)
        capacity = floats
        reset()
    }

    /// The bytes of a workspace that holds what `matrices` takes out of it.
    package static func bytes(for matrices: (Workspace) -> Void) -> Int {
        floats(for: matrices) * MemoryLayout<Float>.stride
    }

    private static func floats(for matrices: (Workspace) -> Void) -> Int {
        let count = Workspace(floats: 0, in: nil)
        matrices(count)
        return count.used
    }

    private init(floats: Int, in memory: UnitStorage?) {
        self.memory = memory
        capacity = floats
    }

    /// The bytes that it holds.
    package var bytes: Int { capacity * MemoryLayout<Float>.stride }

    /// Memory for a matrix, its rows one after the other, its contents undefined.
    ///
    /// - Precondition: the matrices taken since the last reset fit the workspace.
    package func matrix(rows: Int, columns: Int, precision: Precision = .float32) -> Matrix {
        var stride = (precision.units(columns) + Self.alignment - 1) / Self.alignment * Self.alignment
        // Rows a multiple of the page size apart would all fall into the same few lines of a cache.
        if stride > 0, stride.isMultiple(of: Self.page) { stride += Self.alignment }
        return Matrix(base: take(rows * stride), rows: rows, columns: columns, stride: stride, precision: precision)
    }

    /// Memory for a matrix in panels of 64 columns, its contents undefined: for what is read a few columns of many rows
    /// at a time.
    ///
    /// - Precondition: as of ``matrix(rows:columns:precision:)``.
    package func panels(rows: Int, columns: Int, precision: Precision = .float32) -> Matrix {
        let units = Linear.panelCount(columns) * rows * precision.units(Linear.panelWidth)
        return Matrix(panels: take(units), rows: rows, columns: columns, precision: precision)
    }

    private func take(_ units: Int) -> UnsafeMutablePointer<Float> {
        let start = used
        used += (units + Self.alignment - 1) / Self.alignment * Self.alignment
        guard let memory else { return UnitStorage.nowhere }
        precondition(used <= capacity, "the workspace is too small for this forward pass")
        return memory.base + start
    }

    /// Takes back all matrices.
    package func reset() { used = 0 }
}
