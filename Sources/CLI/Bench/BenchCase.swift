/// A batch to measure.
struct BenchCase {
    let name: String
    /// The tokens of each sequence.
    let lengths: [Int]

    /// A batch of equal lengths.
    private init(_ sequences: Int, _ length: Int) {
        name = "\(sequences)x\(length)"
        lengths = Array(repeating: length, count: sequences)
    }

    private init(_ name: String, _ lengths: [Int]) {
        self.name = name
        self.lengths = lengths
    }

    /// 32 lengths from 4 to 128, more short than long: 4 + ⌊124·u²⌋ of an even distribution.
    private static let mixed = BenchCase(
        "mixed32",
        [
            52, 103, 78, 10, 15, 98, 4, 87, 82, 31, 15, 13, 12, 28, 35, 41, 126, 81, 52, 125, 9, 7, 50, 4, 4, 36, 30,
            108,
            53, 36, 34, 11,
        ])

    static let all =
        [(1, 8), (1, 32), (1, 128), (8, 32), (32, 32), (8, 128), (32, 128), (4, 512)].map(BenchCase.init) + [mixed]

    /// The case of a name: one of ``all``, or any number of sequences by any length, as in "3x48".
    static func named(_ name: String) -> BenchCase? {
        if let known = all.first(where: { $0.name == name }) { return known }
        let numbers = name.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let sequences = numbers[0], let length = numbers[1],
            (1...mostSequences).contains(sequences), (1...longest).contains(length)
        else { return nil }
        return BenchCase(sequences, length)
    }

    private static let mostSequences = 1024
    private static let longest = 1 << 17
}
