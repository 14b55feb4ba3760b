/// A rectangle of numbers in memory that somebody else owns.
///
/// A view: copying it copies no numbers. It is valid until its ``Workspace`` is reset. Its rows lie one after the other
/// or, if it is ``Workspace/panels(rows:columns:precision:)``, in panels of 64 columns one after the other.
package struct Matrix {
    /// The first unit of the first row of the first panel.
    private let origin: UnsafeMutablePointer<Float>
    /// The column of the origin that is this matrix's first.
    private let firstColumn: Int
    /// The number of rows.
    package let rows: Int
    /// The numbers of a row.
    package let columns: Int
    /// The distance of two rows in units.
    let stride: Int
    /// The distance of two panels in units.
    private let panelStride: Int
    /// The precision in which a number is stored: float32 or bfloat16.
    package let precision: Precision

    /// Rows one after the other.
    init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int, precision: Precision = .float32) {
        self.init(
            origin: base, firstColumn: 0, rows: rows, columns: columns, stride: stride,
            panelStride: precision.units(Linear.panelWidth), precision: precision)
    }

    /// Panels one after the other, `[columns / 64][rows][64]`.
    init(panels base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, precision: Precision) {
        let stride = precision.units(Linear.panelWidth)
        self.init(
            origin: base, firstColumn: 0, rows: rows, columns: columns, stride: stride, panelStride: rows * stride,
            precision: precision)
    }

    private init(
        origin: UnsafeMutablePointer<Float>, firstColumn: Int, rows: Int, columns: Int, stride: Int, panelStride: Int,
        precision: Precision
    ) {
        self.origin = origin
        self.firstColumn = firstColumn
        self.rows = rows
        self.columns = columns
        self.stride = stride
        self.panelStride = panelStride
        self.precision = precision
    }

    /// The floats of a row.
    ///
    /// - Precondition: `0 <= index < rows`; it is a matrix of float32 whose rows lie one after the other.
    package func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
        precondition(index >= 0 && index < rows && precision == .float32)
        return UnsafeMutableBufferPointer(start: base + index * stride, count: columns)
    }

    /// True if the numbers of a row lie one after the other.
    var hasWholeRows: Bool {
        panelStride == precision.units(Linear.panelWidth)
            || firstColumn % Linear.panelWidth + columns <= Linear.panelWidth
    }

    /// The first number of the first row.
    ///
    /// - Precondition: the rows lie one after the other.
    var base: UnsafeMutablePointer<Float> {
        precondition(hasWholeRows)
        return address(0, 0)
    }

    /// Returns the address of a number, and behind it those of the same row up to the end of the panel.
    ///
    /// - Precondition: the number of the column is even if two share a unit.
    func address(_ row: Int, _ column: Int) -> UnsafeMutablePointer<Float> {
        let (panel, rest) = (firstColumn + column).quotientAndRemainder(dividingBy: Linear.panelWidth)
        return origin + panel * panelStride + row * stride + rest / precision.numbersPerUnit
    }

    /// The numbers of a row that lie one after the other from a column on.
    func adjacentColumns(from column: Int) -> Int {
        let rest = columns - column
        return hasWholeRows ? rest : min(rest, Linear.panelWidth - (firstColumn + column) % Linear.panelWidth)
    }

    /// The rows of a range, as a matrix of their own.
    package func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        return Matrix(
            origin: origin + range.lowerBound * stride, firstColumn: firstColumn, rows: range.count, columns: columns,
            stride: stride, panelStride: panelStride, precision: precision)
    }

    /// The columns of a range, as a matrix of their own.
    package func columns(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns)
        return Matrix(
            origin: origin, firstColumn: firstColumn + range.lowerBound, rows: rows, columns: range.count,
            stride: stride, panelStride: panelStride, precision: precision)
    }

    /// True if all values are numbers, neither infinite nor NaN.
    package var isFinite: Bool { (0..<rows).allSatisfy { row($0).allSatisfy(\.isFinite) } }
}
