import PenstockCompute
import Testing

@Suite struct WorkspaceTests {
    private static let shapes = [(3, 5), (1, 16), (0, 7), (7, 17), (2, 0), (4, 100)]

    private static func take(from workspace: Workspace) -> [Matrix] {
        shapes.map { workspace.matrix(rows: $0.0, columns: $0.1) }
    }

    @Test func matricesFillItExactly() {
        let workspace = Workspace { _ = Self.take(from: $0) }
        #expect(workspace.bytes == (3 * 16 + 16 + 7 * 32 + 4 * 112) * 4)
        withExtendedLifetime(workspace) {
            let matrices = Self.take(from: workspace)
            for (index, matrix) in matrices.enumerated() {
                #expect((matrix.rows, matrix.columns) == Self.shapes[index])
                #expect((0..<matrix.rows).allSatisfy { UInt(bitPattern: matrix.row($0).baseAddress) % 64 == 0 })
                matrix.fill(Array(repeating: Float(index), count: matrix.rows * matrix.columns))
            }
            // Whoever overlapped another would have been overwritten.
            for (index, matrix) in matrices.enumerated() { #expect(matrix.values.allSatisfy { $0 == Float(index) }) }
        }
    }

    @Test func resetGivesTheSameMemoryAgain() {
        let workspace = Workspace { _ = Self.take(from: $0) }
        let first = Self.take(from: workspace).map { $0.rows > 0 ? $0.row(0).baseAddress : nil }
        for _ in 0..<3 {
            workspace.reset()
            #expect(Self.take(from: workspace).map { $0.rows > 0 ? $0.row(0).baseAddress : nil } == first)
        }
    }

    @Test func exhaustionIsOurBug() async {
        await #expect(processExitsWith: .failure) {
            let workspace = Workspace { _ = $0.matrix(rows: 2, columns: 16) }
            _ = workspace.matrix(rows: 2, columns: 17)
        }
    }

    @Test func views() {
        withWorkspace { workspace in
            let matrix = workspace.matrix(rows: 4, columns: 5, (0..<20).map(Float.init))
            #expect(Array(matrix.row(2)) == [10, 11, 12, 13, 14])
            #expect(matrix.rows(1..<3).values == [5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
            #expect(matrix.rows(1..<3).columns(2..<4).values == [7, 8, 12, 13])
            #expect(matrix.rows(4..<4).values.isEmpty && matrix.columns(5..<5).values.isEmpty)
            #expect(matrix.isFinite)
            for bad in [Float.nan, .infinity, -.infinity] {
                matrix.row(3)[4] = bad
                #expect(!matrix.isFinite && matrix.rows(0..<3).isFinite && matrix.columns(0..<4).isFinite)
            }
        }
    }
}
