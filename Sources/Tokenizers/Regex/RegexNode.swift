/// A regular expression, taken apart.
indirect enum RegexNode {
    /// Matches nothing, everywhere.
    case empty
    /// One scalar of a set.
    case set(ScalarExpression)
    /// One certain scalar.
    case scalar(Unicode.Scalar)
    case sequence([RegexNode])
    /// The first that leads to a match counts.
    case alternation([RegexNode])
    case repetition(RegexNode, count: RegexRepetition)
    /// An atomic group: once it has matched, it does not try to match otherwise.
    case atomic(RegexNode)
    case anchor(RegexAnchor)
    /// Looks whether something stands ahead, or so many scalars back, without consuming it.
    case look(RegexNode, back: Int?, isNegative: Bool)
}

/// The bounds of a repetition.
struct RegexRepetition {
    var minimum: Int
    /// Nil for any number.
    var maximum: Int?
    /// True if fewer are better.
    var isReluctant = false
}

/// A place in the text.
enum RegexAnchor: Int32 {
    case startOfText, endOfText, endOfTextOrLastNewline, startOfLine, endOfLine, wordBoundary, noWordBoundary
}

extension RegexNode {
    /// True if it may match without consuming anything.
    var isNullable: Bool {
        switch self {
        case .empty, .anchor, .look: true
        case .set, .scalar: false
        case .sequence(let parts): parts.allSatisfy(\.isNullable)
        case .alternation(let parts): parts.contains(where: \.isNullable)
        case .repetition(let body, let count): count.minimum == 0 || body.isNullable
        case .atomic(let body): body.isNullable
        }
    }

    /// The number of scalars that it consumes, if that is always the same.
    var fixedLength: Int? {
        switch self {
        case .empty, .anchor, .look: return 0
        case .set, .scalar: return 1
        case .sequence(let parts):
            var length = 0
            for part in parts {
                guard let next = part.fixedLength else { return nil }
                length += next
            }
            return length
        case .alternation(let parts):
            let lengths = Set(parts.map(\.fixedLength))
            return lengths.count == 1 ? lengths.first ?? nil : nil
        case .repetition(let body, let count):
            guard count.minimum == count.maximum, let length = body.fixedLength else { return nil }
            return length.multipliedReportingOverflow(by: count.minimum).overflow ? nil : length * count.minimum
        case .atomic(let body): return body.fixedLength
        }
    }
}
