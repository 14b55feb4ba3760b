import PenstockCompute
import PenstockTestSupport
import Testing

@Suite struct WorkspaceTests {
    private static let shapes = [(3, 5), (1, 16), (0, 7), (7, 17), (2, 0), (4, 100)]

    private static func take(from workspace: Workspace) -> [Matrix] {
        shapes.map { workspace.matrix(rows: $0.0, columns: $0.1) }
    }

    @Test func matricesFillItExactly() throws {
        let workspace = try Workspace { _ = Self.take(from: $0) }
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

    @Test func resetGivesTheSameMemoryAgain() throws {
        let workspace = try Workspace { _ = Self.take(from: $0) }
        let first = Self.take(from: workspace).map { $0.rows > 0 ? $0.row(0).baseAddress : nil }
        for _ in 0..<3 {
            workspace.reset()
            #expect(Self.take(from: workspace).map { $0.rows > 0 ? $0.row(0).baseAddress : nil } == first)
        }
    }

    /// Each panel holds its 64 columns of all rows, and nothing of what lies around it.
    @Test(arguments: [Precision.float32, .bfloat16])
    func panels(precision: Precision) {
        var random = SeededGenerator(seed: 1)
        let cpu = makeCPU(threads: 2)
        for (rows, columns) in [(1, 1), (3, 64), (5, 65), (7, 200), (130, 128)] {
            let values = random.floats(rows * columns).map { Float(bFloat16: $0.nearestBFloat16) }
            withWorkspace { workspace in
                let before = workspace.matrix(rows: 1, columns: 16, Array(repeating: 7, count: 16))
                let matrix = workspace.panels(rows: rows, columns: columns, precision: precision)
                let behind = workspace.matrix(rows: 1, columns: 16, Array(repeating: 8, count: 16))
                cpu.write(values, into: matrix, workspace)
                #expect(before.values.allSatisfy { $0 == 7 } && behind.values.allSatisfy { $0 == 8 })
                #expect(matrix.rows == rows && matrix.columns == columns && matrix.precision == precision)
                for start in stride(from: 0, to: columns, by: 64) {
                    let range = start..<min(start + 64, columns)
                    let some = rows / 3..<rows
                    let panel = workspace.matrix(rows: some.count, columns: range.count, precision: precision)
                    cpu.gather(
                        matrix.columns(range).rows(some), rows: Array(0..<some.count)[...], into: panel)
                    let expected = some.flatMap { row in range.map { values[row * columns + $0] } }
                    #expect(cpu.read(panel, workspace) == expected)
                }
            }
        }
    }

    @Test func panelsTakeWholePanels() {
        #expect(Workspace.bytes { _ = $0.panels(rows: 5, columns: 65) } == 2 * 5 * 64 * 4)
        #expect(Workspace.bytes { _ = $0.panels(rows: 5, columns: 65, precision: .bfloat16) } == 2 * 5 * 32 * 4)
    }

    /// Rows that lie a multiple of a page apart would share a few lines of a cache.
    @Test func rowsAreNoPagesApart() {
        withWorkspace { workspace in
            for columns in [1024, 2048, 3072, 4096] {
                let matrix = workspace.matrix(rows: 2, columns: columns)
                let distance = matrix.row(1).baseAddress.map { $0 - (matrix.row(0).baseAddress ?? $0) }
                #expect(distance == columns + 16)
            }
        }
    }

    @Test func exhaustionIsOurBug() async {
        await #expect(processExitsWith: .failure) {
            let workspace = try Workspace { _ = $0.matrix(rows: 2, columns: 16) }
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
