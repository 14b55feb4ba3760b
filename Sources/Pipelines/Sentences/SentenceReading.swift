import PenstockCompute

/// The part that is kept of the rows of a text: their sum until all are there, then its embedding.
package struct SentenceReading: Sendable {
    /// The embedding, or what is known of it.
    var embedding: [Float] = []
    private var rows = 0

    /// Takes in some rows of a text, in their order.
    ///
    /// - Parameters:
    ///   - count: the number of all rows
    ///   - shape: of what the first module makes: the rows as they are, which then come all at once, or their mean
    /// - Returns: what the first module makes, with the last rows.
    mutating func take(_ part: Matrix, of count: Int, for shape: SentenceFeature.Shape) -> SentenceFeature? {
        guard case .text(let width) = shape else {
            precondition(part.rows == count, "hidden states are lent as a whole")
            return .tokens(part, nil)
        }
        if embedding.isEmpty { embedding = Array(repeating: 0, count: width) }
        for row in 0..<part.rows {
            let values = part.row(row)
            for column in embedding.indices { embedding[column] += values[column] }
        }
        rows += part.rows
        guard rows == count else { return nil }
        return .text(embedding.map { $0 / Float(count) })
    }
}
