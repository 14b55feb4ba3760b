/// The way in which hidden states become a vector for a text, or a score, as files name it.
package enum GGUFPooling: Int, Sendable, CaseIterable {
    /// The mean of all.
    case mean = 1
    /// The first.
    case first
    /// The last.
    case last
    /// The output of a classifier is a score.
    case rank

    static let key = "pooling_type"

    /// Nil if the file names none.
    ///
    /// - Throws: an error for a number that stands for nothing.
    init?(_ file: GGUFSettings) throws(CheckpointError) {
        let number = try file.size(Self.key, default: 0, atLeast: 0)
        guard number > 0 else { return nil }
        guard let pooling = Self(rawValue: number) else {
            throw file.unsupported(Self.key, "known are 0 to \(Self.allCases.count)")
        }
        self = pooling
    }
}
