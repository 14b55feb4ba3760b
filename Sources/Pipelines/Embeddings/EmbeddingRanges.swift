/// The least and the greatest number of each dimension of embeddings, between which bytes divide it into 255 steps.
public struct EmbeddingRanges: Sendable, Equatable {
    /// The least numbers: one for each dimension, or one for all.
    let least: [Float]
    /// The greatest numbers, as many.
    let greatest: [Float]

    /// Ranges for embeddings of so many dimensions as there are numbers; a single one is for all dimensions.
    ///
    /// Nil unless both lists have the same number of finite numbers, at least one, and no range ends before it begins
    /// or is wider than single precision.
    public init?(least: [Float], greatest: [Float]) {
        guard !least.isEmpty, least.count == greatest.count else { return nil }
        guard zip(least, greatest).allSatisfy({ $0 <= $1 && ($1 - $0).isFinite }) else { return nil }
        (self.least, self.greatest) = (least, greatest)
    }

    /// Tells whether they are for embeddings of so many dimensions.
    func fit(width: Int) -> Bool { least.count == 1 || least.count == width }

    /// The place of each number in the range of its dimension: `clip(floor((x - least) / ((greatest - least) / 255)), 0,
    /// 255)`, in single precision as in `quantize_embeddings`.
    func places(of vector: [Float]) -> [UInt8] {
        vector.indices.map { index in
            let dimension = least.count == 1 ? 0 : index
            let step = (greatest[dimension] - least[dimension]) / 255
            let place = ((vector[index] - least[dimension]) / (step == 0 ? 1 : step)).rounded(.down)
            return UInt8(min(max(place, 0), 255))
        }
    }
}
