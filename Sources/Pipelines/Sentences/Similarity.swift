/// A measure of how alike two embeddings are: the higher, the more.
public enum Similarity: String, Sendable, CaseIterable {
    /// The cosine of the angle between them.
    case cosine
    /// The sum of their products.
    case dot
    /// Their distance, less than 0.
    case euclidean
    /// The sum of the distances of their numbers, less than 0.
    case manhattan

    func score(_ a: [Float], _ b: [Float]) -> Float {
        let pairs = zip(a, b)
        func sum(_ term: (Float, Float) -> Double) -> Double { pairs.reduce(0) { $0 + term($1.0, $1.1) } }
        let product = sum { Double($0) * Double($1) }
        switch self {
        case .dot: return Float(product)
        case .cosine: return Float(product / (Embeddings.norm(a) * Embeddings.norm(b)))
        case .euclidean: return -Float(sum { (Double($0) - Double($1)) * (Double($0) - Double($1)) }.squareRoot())
        case .manhattan: return -Float(sum { abs(Double($0) - Double($1)) })
        }
    }
}

/// Vectors and their lengths.
enum Embeddings {
    /// Lengths below this count as this (`torch.nn.functional.normalize`).
    private static let smallestNorm = 1e-12

    static func norm(_ vector: [Float]) -> Double {
        max(smallestNorm, vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot())
    }

    /// The vector of length 1 in the same direction.
    static func normalized(_ vector: [Float]) -> [Float] {
        let norm = Float(norm(vector))
        return vector.map { $0 / norm }
    }
}
