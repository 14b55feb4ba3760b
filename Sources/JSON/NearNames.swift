/// The names that somebody may have meant who wrote another one.
public enum NearNames {
    /// Names longer than this are compared with nothing.
    private static let longestName = 200

    /// The known names that are nearest to a name, at most three, the nearest first; none if all are too far.
    ///
    /// Two names are near if one becomes the other by few insertions, deletions, replacements and exchanges of neighbours
    /// of Unicode scalars: one for every three of them. Capitals do not count.
    public static func of(_ name: String, among known: some Sequence<String>) -> [String] {
        guard name.utf8.count <= 4 * longestName else { return [] }
        let wanted = scalars(name)
        guard (1...longestName).contains(wanted.count) else { return [] }
        let limit = max(1, wanted.count / 3)
        var found: [(name: String, distance: Int)] = []
        for candidate in known where candidate.utf8.count <= 4 * longestName {
            let other = scalars(candidate)
            guard other.count <= longestName, abs(other.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, other)
            if distance <= limit { found.append((candidate, distance)) }
        }
        return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    }

    /// `; did you mean top_k?`, to go on a message with; empty if no name is near.
    public static func question(_ name: String, among known: some Sequence<String>) -> String {
        let near = of(name, among: known)
        return near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?"
    }

    private static func scalars(_ name: String) -> [Unicode.Scalar] { Array(name.lowercased().unicodeScalars) }

    /// The optimal string alignment distance.
    private static func distance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
        var (before, last) = ([Int](), Array(0...second.count))
        for (row, scalar) in first.enumerated() {
            var current = [row + 1]
            for (column, other) in second.enumerated() {
                var least = min(last[column + 1] + 1, current[column] + 1, last[column] + (scalar == other ? 0 : 1))
                if row > 0, column > 0, scalar == second[column - 1], first[row - 1] == other {
                    least = min(least, before[column - 1] + 1)
                }
                current.append(least)
            }
            (before, last) = (last, current)
        }
        return last[second.count]
    }
}
