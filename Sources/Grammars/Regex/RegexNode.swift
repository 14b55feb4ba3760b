/// A part of a regular expression.
indirect enum RegexNode: Sendable {
    /// One scalar of a set; an empty sequence stands for the empty text.
    case scalar(ScalarSet)
    case sequence([RegexNode])
    case alternatives([RegexNode])
    /// - Parameter most: nil for any number
    case repetition(RegexNode, least: Int, most: Int?)
    /// `^`
    case start
    /// `$`
    case end

    static let empty = RegexNode.sequence([])
    /// Any text.
    static let anything = RegexNode.repetition(.scalar(.all), least: 0, most: nil)
}

/// The text around what a regular expression matches.
enum RegexSurroundings: Sendable {
    /// None: the text is matched as a whole.
    case none
    /// Any: a part of the text is matched, as `pattern` of JSON schemas has it.
    case any
}

extension RegexNode {
    /// The same expression without anchors, for texts that are matched as a whole.
    ///
    /// - Parameters:
    ///   - surroundings: of the expression
    ///   - pattern: the whole expression for messages
    /// - Throws: ``GrammarError`` for anchors that are not at the ends.
    func anchored(_ surroundings: RegexSurroundings, _ pattern: String) throws(GrammarError) -> RegexNode {
        try anchored(left: surroundings, right: surroundings, pattern)
    }

    /// - Parameters:
    ///   - left: what may stand in front; nil if the part is not the first
    ///   - right: what may stand behind; nil if it is not the last
    private func anchored(
        left: RegexSurroundings?, right: RegexSurroundings?, _ pattern: String
    ) throws(GrammarError) -> RegexNode {
        switch self {
        case .start:
            guard left != nil else { throw Self.misplaced("^", pattern) }
            return right == .any ? .anything : .empty
        case .end:
            guard right != nil else { throw Self.misplaced("$", pattern) }
            return left == .any ? .anything : .empty
        case .scalar: return within(left, right)
        case .repetition(let part, let least, let most):
            let inner = try part.anchored(left: nil, right: nil, pattern)
            return RegexNode.repetition(inner, least: least, most: most).within(left, right)
        case .alternatives(let parts):
            var resolved: [RegexNode] = []
            for part in parts { resolved.append(try part.anchored(left: left, right: right, pattern)) }
            return .alternatives(resolved)
        case .sequence(let parts):
            var (left, right, rest) = (left, right, parts[...])
            while left != nil, case .start? = rest.first {
                left = RegexSurroundings.none
                rest.removeFirst()
            }
            while right != nil, case .end? = rest.last {
                right = RegexSurroundings.none
                rest.removeLast()
            }
            guard !rest.isEmpty else { return RegexNode.empty.within(left, right) }
            var resolved: [RegexNode] = []
            for (index, part) in rest.enumerated() {
                resolved.append(
                    try part.anchored(
                        left: index == 0 ? left : nil, right: index == rest.count - 1 ? right : nil, pattern))
            }
            return .sequence(resolved)
        }
    }

    /// The part with what may stand around it.
    private func within(_ left: RegexSurroundings?, _ right: RegexSurroundings?) -> RegexNode {
        guard left == .any || right == .any else { return self }
        return .sequence((left == .any ? [.anything] : []) + [self] + (right == .any ? [.anything] : []))
    }

    private static func misplaced(_ anchor: String, _ pattern: String) -> GrammarError {
        GrammarError("the regular expression \(pattern.shown): \(anchor) is supported at its ends only")
    }
}

extension String {
    /// The text in quotes, cut if it is long.
    var shown: String { utf8.count > 80 ? "\"\(cut(to: 60))\"" : "\"\(self)\"" }

    /// The first scalars, and an ellipsis.
    func cut(to count: Int) -> String { String(String.UnicodeScalarView(unicodeScalars.prefix(count))) + "…" }
}
