/// The memory of one forward pass, allocated once and handed out anew for each.
package final class Workspace {
    private let memory: UnsafeMutablePointer<Float>
    private let capacity: Int
    private let isCounting: Bool
    private var used = 0

    /// Floats of a cache line: rows start on one.
    private static let alignment = 16

    /// A workspace that holds what `matrices` takes out of it.
    ///
    /// The closure is called once, with a workspace that only counts: the matrices it hands out have no memory.
    package convenience init(for matrices: (Workspace) -> Void) {
        self.init(floats: Self.floats(for: matrices), isCounting: false)
    }

    /// The bytes of a workspace that holds what `matrices` takes out of it.
    package static func bytes(for matrices: (Workspace) -> Void) -> Int {
        floats(for: matrices) * MemoryLayout<Float>.stride
    }

    private static func floats(for matrices: (Workspace) -> Void) -> Int {
        let count = Workspace(floats: 0, isCounting: true)
        matrices(count)
        return count.used
    }

    private init(floats: Int, isCounting: Bool) {
        self.isCounting = isCounting
        capacity = floats
        memory =
            UnsafeMutableRawPointer
            .allocate(byteCount: max(1, floats) * MemoryLayout<Float>.stride, alignment: 4096)
            .bindMemory(to: Float.self, capacity: max(1, floats))
    }

    /// The bytes that it holds.
    package var bytes: Int { capacity * MemoryLayout<Float>.stride }

    deinit { UnsafeMutableRawPointer(memory).deallocate() }

    /// Memory for a matrix, its contents undefined.
    ///
    /// - Precondition: the matrices taken since the last reset fit the workspace.
    package func matrix(rows: Int, columns: Int) -> Matrix {
        let stride = (columns + Self.alignment - 1) / Self.alignment * Self.alignment
        let start = used
        used += rows * stride
        precondition(used <= capacity || isCounting, "the workspace is too small for this forward pass")
        return Matrix(base: isCounting ? memory : memory + start, rows: rows, columns: columns, stride: stride)
    }

    /// Takes back all matrices.
    package func reset() { used = 0 }
}
