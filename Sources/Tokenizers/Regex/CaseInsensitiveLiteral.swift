/// Text that is matched without regard to letter case.
enum CaseInsensitiveLiteral {
    /// One scalar; ß counts as two.
    static func nodes(_ scalar: Unicode.Scalar) -> [RegexNode] {
        (CaseFolding.expansion(of: scalar) ?? [scalar]).map { scalar in
            CaseFolding.equivalents(of: scalar).isEmpty ? .scalar(scalar) : .set(.ignoringCase(.scalar(scalar)))
        }
    }

    /// One scalar of a class, or what one of its scalars folds into.
    static func node(set: ScalarExpression, folded: ScalarExpression) -> RegexNode {
        var alternatives = [RegexNode.set(folded)]
        for (spelled, scalars) in CaseFolding.expansions.sorted(by: { $0.value[0] < $1.value[0] })
        where scalars.contains(where: { set.contains($0) }) {
            alternatives.append(.sequence(spelled.flatMap(nodes)))
        }
        return alternatives.count == 1 ? alternatives[0] : .alternation(alternatives)
    }

    /// Longer stretches in which what single scalars fold into overlaps are refused: their alternatives are too many.
    private static let maximumStretch = 12

    /// Lets single scalars match where `parts` spell what they fold into: ß where "ss" is asked for.
    ///
    /// Nil when there are too many ways to do so.
    static func joined(_ parts: [RegexNode]) -> [RegexNode]? {
        let letters = parts.map(letter)
        var result: [RegexNode] = []
        var index = 0
        while index < parts.count {
            guard let first = expansions(in: letters, at: index).last else {
                result.append(parts[index])
                index += 1
                continue
            }
            var end = index + first.length
            var next = index + 1
            while next < end {
                end = max(end, next + (expansions(in: letters, at: next).last?.length ?? 0))
                next += 1
            }
            guard end - index <= maximumStretch else { return nil }
            result.append(spellings(parts, letters, index..<end))
            index = end
        }
        return result
    }

    private static func spellings(
        _ parts: [RegexNode], _ letters: [Unicode.Scalar?], _ range: Range<Int>
    ) -> RegexNode {
        guard let index = range.first else { return .empty }
        func alternative(_ part: RegexNode, _ length: Int) -> RegexNode {
            .sequence([part, spellings(parts, letters, index + length..<range.upperBound)])
        }
        var alternatives = [alternative(parts[index], 1)]
        for (length, scalars) in expansions(in: letters, at: index) where index + length <= range.upperBound {
            alternatives.append(alternative(.set(.ranges(scalars.map { $0.value...$0.value })), length))
        }
        return alternatives.count == 1 ? alternatives[0] : .alternation(alternatives)
    }

    /// The folded letter that a part matches, if it is one.
    private static func letter(_ part: RegexNode) -> Unicode.Scalar? {
        switch part {
        case .scalar(let scalar): return scalar
        case .set(.ignoringCase(.ranges(let ranges))):
            guard ranges.count == 1, ranges[0].count == 1 else { return nil }
            return Unicode.Scalar(ranges[0].lowerBound)?.properties.lowercaseMapping.unicodeScalars.first
        default: return nil
        }
    }

    /// Returns the foldings of single scalars that are spelled at `index`, the shortest first.
    private static func expansions(
        in letters: [Unicode.Scalar?], at index: Int
    ) -> [(length: Int, scalars: [Unicode.Scalar])] {
        (2...3).compactMap { length in
            guard index + length <= letters.count else { return nil }
            let spelled = letters[index..<index + length].compactMap { $0 }
            return CaseFolding.expansions[spelled].map { (length, $0) }
        }
    }
}
