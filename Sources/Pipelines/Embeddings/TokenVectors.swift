/// A vector for each of some tokens of a text.
package struct TokenVectors: Sendable {
    /// One after the other: `[tokens × width]`.
    let values: [Float]
    /// The numbers of a vector.
    let width: Int

    /// The number of vectors.
    var count: Int { values.count / width }

    subscript(index: Int) -> ArraySlice<Float> { values[index * width..<(index + 1) * width] }
}

/// A measure of how well the vectors of a document's tokens fit those of a query: the higher, the better.
///
/// Khattab and Zaharia, "ColBERT" (2020): for each token of the query the largest product with one of the document, summed.
public enum LateInteraction: String, Sendable, CaseIterable {
    /// The sum.
    case maxsim
    /// The sum by the number of the query's tokens.
    case meanmaxsim

    /// The score that a document without vectors gets, before any mean.
    private static let emptyScore: Float = -1e9

    /// - Parameter scope: asked between the query's tokens, so that long work ends when nobody waits for it.
    func score(
        _ query: TokenVectors, _ document: TokenVectors, in scope: RequestScope
    ) throws(PipelineError) -> Float {
        var sum: Float = document.count == 0 ? Self.emptyScore : 0
        if document.count > 0 {
            for vector in 0..<query.count {
                try scope.check()
                sum += document.largestProduct(with: query[vector])
            }
        }
        return self == .maxsim ? sum : sum / Float(max(1, query.count))
    }
}

extension TokenVectors {
    /// The largest product of a vector with one of these, of which there is one at least.
    fileprivate func largestProduct(with vector: ArraySlice<Float>) -> Float {
        values.withUnsafeBufferPointer { values in
            vector.withUnsafeBufferPointer { vector in
                (0..<count).reduce(-Float.infinity) { largest, index in
                    var product: Float = 0
                    for column in vector.indices { product += vector[column] * values[index * width + column] }
                    return max(largest, product)
                }
            }
        }
    }
}
