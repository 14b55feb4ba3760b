import PenstockCompute
import PenstockTestSupport
import Synchronization
import Testing

/// Floats at an address of the test's choosing, between guards that nobody may touch.
final class Buffer {
    private let memory: UnsafeMutablePointer<Float>
    private let total: Int
    private let start: Int
    let count: Int

    /// A bit pattern that no computation makes: a NaN with a payload.
    static let guardBits: UInt32 = 0x7FA5_5A5A
    private static let guardCount = 128

    /// `values`, `offset` floats behind a cache line's start.
    init(_ values: some Collection<Float>, offset: Int = 0) {
        count = values.count
        start = Self.guardCount + offset
        total = start + count + Self.guardCount
        memory = UnsafeMutableRawPointer.allocate(byteCount: total * 4, alignment: 64).bindMemory(
            to: Float.self, capacity: total)
        memory.initialize(repeating: Float(bitPattern: Self.guardBits), count: total)
        for (index, value) in values.enumerated() { memory[start + index] = value }
    }

    /// `count` floats that are guards until they are written.
    convenience init(unwritten count: Int, offset: Int = 0) {
        self.init(repeatElement(Float(bitPattern: Self.guardBits), count: count), offset: offset)
    }

    deinit { memory.deallocate() }

    var base: UnsafeMutablePointer<Float> { memory + start }
    var values: [Float] { (0..<count).map { base[$0] } }

    /// Whether nothing before and behind the values was written.
    var isIntact: Bool {
        (0..<total).allSatisfy { (start..<start + count).contains($0) || memory[$0].bitPattern == Self.guardBits }
    }
}

extension SeededGenerator {
    /// Numbers evenly spread over -scale...scale.
    mutating func floats(_ count: Int, scale: Float = 1) -> [Float] {
        (0..<count).map { _ in Float.random(in: -1...1, using: &self) * scale }
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &self)]
    }
}

extension Float {
    /// Whether both have the same bits, or both are NaN.
    func isIdentical(to other: Float) -> Bool { bitPattern == other.bitPattern || isNaN && other.isNaN }
}

extension [Float] {
    /// The first index at which two arrays are not identical.
    func firstDifference(from other: [Float]) -> Int? {
        guard count == other.count else { return Swift.min(count, other.count) }
        return indices.first { !self[$0].isIdentical(to: other[$0]) }
    }
}

extension Kernels: CustomTestStringConvertible {
    /// The name that tests show.
    public var testDescription: String { name }

    /// The reference among the available ones.
    static var scalar: Kernels { available[available.count - 1] }
}

extension Matrix {
    /// All rows, end to end.
    var values: [Float] { (0..<rows).flatMap { Array(row($0)) } }

    func fill(_ values: [Float]) {
        for row in 0..<rows { _ = self.row(row).update(fromContentsOf: values[row * columns..<(row + 1) * columns]) }
    }
}

/// Lends a workspace of `floats` floats, in which there may be what the test before left.
func withWorkspace<Result>(floats: Int = 1 << 22, _ body: (Workspace) throws -> Result) rethrows -> Result {
    let workspace = IdleWorkspaces.take(floats: floats)
    defer { IdleWorkspaces.putBack(workspace, floats: floats) }
    return try body(workspace)
}

/// Workspaces by their floats. Samples of one size follow each other by the hundred, and new pages for each cost more than
/// what is computed in them.
private enum IdleWorkspaces {
    private struct Idle: @unchecked Sendable {
        let workspace: Workspace
    }

    private static let idle = Mutex<[Int: [Idle]]>([:])

    static func take(floats: Int) -> Workspace {
        idle.withLock { $0[floats]?.popLast() }?.workspace
            ?? required { try Workspace { _ = $0.matrix(rows: 1, columns: floats) } }
    }

    static func putBack(_ workspace: Workspace, floats: Int) {
        workspace.reset()
        let idle = Idle(workspace: workspace)
        self.idle.withLock { $0[floats, default: []].append(idle) }
    }
}

extension Workspace {
    /// A matrix of these values.
    func matrix(rows: Int, columns: Int, _ values: [Float]) -> Matrix {
        let matrix = matrix(rows: rows, columns: columns)
        matrix.fill(values)
        return matrix
    }
}

/// What does not fail in a test that is about something else.
func required<Value>(_ body: () throws -> Value) -> Value {
    do {
        return try body()
    } catch {
        preconditionFailure("\(error)")
    }
}

/// The layer of matrices that are in memory.
func packedLayer(
    _ weights: [WeightMatrix], bias: [Float]? = nil, precision: Precision = .float32, on cpu: CPU
) -> Linear {
    required { try Linear(weights, bias: bias, precision: precision, in: ComputeTurns(cpu)) }
}

extension WeightMatrix {
    /// A matrix in memory that must outlive it.
    init(bytes: UnsafeRawBufferPointer, element: ElementType, rows: Int, columns: Int) {
        nonisolated(unsafe) let bytes = bytes
        self.init(element: element, rows: rows, columns: columns) { offset, buffer in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + buffer.count]))
        }
    }
}

/// Lends the values as a matrix of a checkpoint.
func withWeights<Result>(_ values: [Float], rows: Int, columns: Int, _ body: (WeightMatrix) -> Result) -> Result {
    values.withUnsafeBytes { body(WeightMatrix(bytes: $0, element: .float32, rows: rows, columns: columns)) }
}

/// Lends a workspace in whose memory this value stands everywhere.
func withWorkspace<Result>(
    filledWith value: Float, floats: Int = 1 << 18, _ body: (Workspace) throws -> Result
) rethrows -> Result {
    try withWorkspace(floats: floats) { workspace in
        workspace.matrix(rows: 1, columns: floats).row(0).update(repeating: value)
        workspace.reset()
        return try body(workspace)
    }
}

extension Linear {
    /// The layer whose output is its input, rounded to its precision.
    static func identity(_ size: Int, _ precision: Precision, on cpu: CPU) -> Linear {
        var weights = [Float](repeating: 0, count: size * size)
        for index in 0..<size { weights[index * (size + 1)] = 1 }
        return withWeights(weights, rows: size, columns: size) { packedLayer([$0], precision: precision, on: cpu) }
    }
}

extension CPU {
    /// Writes values into a matrix of any precision and layout, as a layer does.
    func write(_ values: [Float], into matrix: Matrix, _ workspace: Workspace) {
        linear(
            workspace.matrix(rows: matrix.rows, columns: matrix.columns, values),
            .identity(matrix.columns, .float32, on: self), into: matrix)
    }

    /// Writes the numbers of one matrix into another of any precision and layout, as a layer for each panel does: the
    /// products with all the zeros of one layer would take longer than what they are needed for.
    func writePanels(of numbers: Matrix, into matrix: Matrix) {
        let width = Linear.panelWidth
        let panel = Linear.identity(min(width, matrix.columns), .float32, on: self)
        for start in stride(from: 0, to: matrix.columns, by: width) {
            let range = start..<min(start + width, matrix.columns)
            let layer = range.count == panel.inputs ? panel : .identity(range.count, .float32, on: self)
            linear(numbers.columns(range), layer, into: matrix.columns(range))
        }
    }

    /// The values of a matrix of any precision whose rows lie one after the other, as a layer reads them.
    func read(_ matrix: Matrix, _ workspace: Workspace) -> [Float] {
        let output = workspace.matrix(rows: matrix.rows, columns: matrix.columns)
        linear(matrix, .identity(matrix.columns, matrix.precision, on: self), into: output)
        return output.values
    }
}

extension CPU {
    /// Blocks of rows for a closure.
    func forEachBlock(of rows: Int, _ body: @escaping (Range<Int>, CPU) -> Void) {
        forEachBlock(of: rows, ClosureOfRows(body: body))
    }
}

private struct ClosureOfRows: RowsJob {
    let body: (Range<Int>, CPU) -> Void

    func run(_ rows: Range<Int>, on cpu: CPU) { body(rows, cpu) }
}
