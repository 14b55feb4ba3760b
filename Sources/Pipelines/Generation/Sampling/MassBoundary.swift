/// The place at which the sum of weights, taken in the order of their keys, reaches a mass: found without sorting all.
///
/// The range of keys is parted, and the part is taken in which the mass is reached, until it has few tokens, which are
/// sorted, or all of its keys are the same.
struct MassBoundary {
    typealias Token = TokenDistribution.Token

    /// The key of the token with which the mass is reached.
    let key: Float
    /// The number of tokens of just this key that are needed for it.
    let equals: Int

    private static let parts = 1024
    /// So many tokens are sorted.
    private static let few = 256

    /// Keys among which the boundary is.
    private struct Range {
        var least: Float
        var greatest: Float
        /// The sum of the weights in front of them.
        var before = 0.0
        var count: Int
    }

    /// - Parameters:
    ///   - tokens: with finite keys
    ///   - mass: the sum that is to be reached, by one token at least; if it is not, the last key is the boundary
    init(_ tokens: UnsafeBufferPointer<Token>, mass: Double) {
        var (least, greatest) = (Float.infinity, -Float.infinity)
        for token in tokens { (least, greatest) = (min(least, token.key), max(greatest, token.key)) }
        var range = Range(least: least, greatest: greatest, count: tokens.count)
        while range.count > Self.few, let part = Self.part(of: range, tokens, mass) { range = part }
        (key, equals) =
            range.count > Self.few
            ? Self.boundary(amongEqual: range, tokens, mass) : Self.boundary(amongFew: range, tokens, mass)
    }

    /// The part of a range in which the mass is reached; nil if there is nothing to part.
    private static func part(of range: Range, _ tokens: UnsafeBufferPointer<Token>, _ mass: Double) -> Range? {
        let scale = Float(parts - 1) / (range.greatest - range.least)
        guard range.least < range.greatest, scale.isFinite, scale > 0 else { return nil }
        func place(_ key: Float) -> Int { min(parts - 1, Int(truncatingIfNeeded: Int32((key - range.least) * scale))) }
        return withUnsafeTemporaryAllocation(of: (weight: Double, count: Int).self, capacity: parts) { table in
            table.initialize(repeating: (0, 0))
            for token in tokens where token.key >= range.least && token.key <= range.greatest {
                let place = place(token.key)
                table[place].weight += Double(token.weight)
                table[place].count += 1
            }
            var (sum, found, before) = (range.before, 0, range.before)
            for (part, entry) in table.enumerated() where entry.count > 0 {
                (found, before) = (part, sum)
                sum += entry.weight
                if sum >= mass { break }
            }
            var result = Range(
                least: .infinity, greatest: -.infinity, before: before, count: table[found].count)
            for token in tokens where token.key >= range.least && token.key <= range.greatest {
                guard place(token.key) == found else { continue }
                result.least = min(result.least, token.key)
                result.greatest = max(result.greatest, token.key)
            }
            return result
        }
    }

    private static func boundary(
        amongEqual range: Range, _ tokens: UnsafeBufferPointer<Token>, _ mass: Double
    ) -> (Float, Int) {
        var (sum, equals) = (range.before, 0)
        for token in tokens where (sum < mass || equals == 0) && token.key >= range.least && token.key <= range.greatest
        {
            sum += Double(token.weight)
            equals += 1
        }
        return (range.greatest, equals)
    }

    private static func boundary(
        amongFew range: Range, _ tokens: UnsafeBufferPointer<Token>, _ mass: Double
    ) -> (Float, Int) {
        withUnsafeTemporaryAllocation(of: Token.self, capacity: few) { sorted in
            var count = 0
            for token in tokens where token.key >= range.least && token.key <= range.greatest && count < few {
                sorted.initializeElement(at: count, to: token)
                count += 1
            }
            var found = sorted[..<count]
            found.sort { $0.key < $1.key }
            var (sum, key, equals) = (range.before, range.greatest, 0)
            for token in found where sum < mass || equals == 0 {
                sum += Double(token.weight)
                equals = token.key == key && equals > 0 ? equals + 1 : 1
                key = token.key
            }
            return (key, equals)
        }
    }
}
