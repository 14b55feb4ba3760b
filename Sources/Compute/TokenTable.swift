/// A vector for each token: a row of a table, which tokens may share, times a factor of its own.
package struct TokenTable: Sendable {
    private let table: Embedding
    /// The row of each token; nil if token n has row n.
    private let rows: [Int32]?
    /// The factor of each token; nil for 1.
    private let factors: [Float]?

    /// - Precondition: rows are those of the table, and there are as many factors as tokens.
    package init(_ table: Embedding, rows: [Int32]? = nil, factors: [Float]? = nil) {
        (self.table, self.rows, self.factors) = (table, rows, factors)
    }

    /// The number of tokens.
    package var count: Int { rows?.count ?? table.count }
    /// The numbers of a vector.
    package var columns: Int { table.columns }

    /// Writes the vector of a token; that of ``count``, which is no token, is 0.
    fileprivate func write(_ token: Int, to vector: UnsafeMutableBufferPointer<Float>) {
        guard token != count else { return vector.update(repeating: 0) }
        let row = table.row(rows.map { Int($0[token]) } ?? token)
        guard let factor = factors?[token] else {
            _ = vector.update(fromContentsOf: UnsafeBufferPointer(start: row, count: columns))
            return
        }
        for column in vector.indices { vector[column] = row[column] * factor }
    }
}

extension CPU {
    /// output[i] = the vector of ids[i].
    ///
    /// - Parameters:
    ///   - ids: one per row of the output, each a token of the table or its count: whoever takes ids from outside checks
    ///     them
    ///   - output: `[ids, table.columns]`
    package func embed(_ ids: ArraySlice<Int32>, _ table: TokenTable, into output: Matrix) {
        precondition(ids.count == output.rows && table.columns == output.columns)
        timed(.embedding) {
            for (row, id) in ids.enumerated() { table.write(Int(id), to: output.row(row)) }
        }
    }
}
