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

/// How well the vectors of a document's tokens fit those of a query: the higher the more.
///
/// Khattab and Zaharia, "ColBERT" (2020): for each token of the query the largest product with one of the document, summed.
public enum LateInteraction: String, Sendable, CaseIterable {
    /// The sum.
    case maxsim
    /// The sum by the number of the query's tokens.
    case meanmaxsim

    /// What a document without vectors gets, before any mean.
    private static let emptyScore: Float = -1e9

    func score(_ query: TokenVectors, _ document: TokenVectors) -> Float {
        var sum: Float = document.count == 0 ? Self.emptyScore : 0
        if document.count > 0 {
            query.values.withUnsafeBufferPointer { a in
                document.values.withUnsafeBufferPointer { b in
                    for token in 0..<query.count {
                        var largest = -Float.infinity
                        for other in 0..<document.count {
                            var product: Float = 0
                            for k in 0..<query.width {
                                product += a[token * query.width + k] * b[other * query.width + k]
                            }
                            largest = max(largest, product)
                        }
                        sum += largest
                    }
                }
            }
        }
        return self == .maxsim ? sum : sum / Float(max(1, query.count))
    }
}
