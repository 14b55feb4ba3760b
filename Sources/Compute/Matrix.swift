/// A rectangle of floats in memory that somebody else owns, row after row.
///
/// A view: copying it copies no floats. It is valid until its ``Workspace`` is reset.
package struct Matrix {
    /// The first element of the first row.
    let base: UnsafeMutablePointer<Float>
    /// The number of rows.
    package let rows: Int
    /// The number of floats in a row.
    package let columns: Int
    /// The distance of two rows in floats, at least `columns`.
    let stride: Int

    /// The floats of a row.
    ///
    /// - Precondition: `0 <= index < rows`.
    package func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
        precondition(index >= 0 && index < rows)
        return UnsafeMutableBufferPointer(start: base + index * stride, count: columns)
    }

    /// The rows of a range, as a matrix of their own.
    package func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        return Matrix(base: base + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
    }

    /// The columns of a range, as a matrix of their own.
    package func columns(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns)
        return Matrix(base: base + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }

    /// Whether all values are numbers, neither infinite nor NaN.
    package var isFinite: Bool { (0..<rows).allSatisfy { row($0).allSatisfy(\.isFinite) } }
}
