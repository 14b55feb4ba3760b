/// A statement of a template.
indirect enum Statement: Sendable {
    case text(TracedText)
    case output(Expression)
    /// `if`, `elif` and `else`.
    case branches([(condition: Expression, body: [Statement])], otherwise: [Statement])
    case loop(LoopStatement)
    case assign(AssignmentTarget, Expression)
    /// `set` around a body, whose text goes through filters.
    case assignBlock(AssignmentTarget, filters: Expression, body: [Statement])
    case macro(MacroDefinition)
    /// A call of a macro with a body, which the macro calls as `caller`.
    case callBlock(MacroDefinition, call: Expression)
    case filterBlock(filters: Expression, body: [Statement])
    case with([(target: AssignmentTarget, value: Expression)], body: [Statement])
    /// A body with variables of its own.
    case scope([Statement])
    case leaveLoop
    case nextIteration
}

/// The target of an assignment.
struct AssignmentTarget: Sendable {
    indirect enum Kind: Sendable {
        case name(Int)
        case attribute(namespace: Int, TracedText)
        case tuple([AssignmentTarget])
    }

    let kind: Kind
    let position: TemplatePosition
}

/// `for`.
final class LoopStatement: Sendable {
    let target: AssignmentTarget
    let iterable: Expression
    let condition: Expression?
    let isRecursive: Bool
    let body: [Statement]
    let otherwise: [Statement]
    /// True if the body may look at `loop`.
    let usesLoop: Bool

    init(
        target: AssignmentTarget, iterable: Expression, condition: Expression?, isRecursive: Bool, body: [Statement],
        otherwise: [Statement], usesLoop: Bool
    ) {
        self.target = target
        self.iterable = iterable
        self.condition = condition
        self.isRecursive = isRecursive
        self.body = body
        self.otherwise = otherwise
        self.usesLoop = usesLoop
    }
}

/// `macro`, or the body of `call`.
final class MacroDefinition: Sendable {
    let name: Int
    let parameters: [(name: Int, value: Expression?)]
    let body: [Statement]
    let usesCaller: Bool
    let usesVarargs: Bool
    let usesKwargs: Bool

    init(
        name: Int, parameters: [(name: Int, value: Expression?)], body: [Statement], uses: TemplateParser.NamesInUse
    ) {
        self.name = name
        self.parameters = parameters
        self.body = body
        usesCaller = uses.contains(.caller)
        usesVarargs = uses.contains(.varargs)
        usesKwargs = uses.contains(.kwargs)
    }
}

/// A template after parsing.
struct ParsedTemplate: Sendable {
    let body: [Statement]
    /// The words outside of statements, and the strings in them.
    let literals: [String]
    /// The names of variables, by number.
    let names: [String]
    /// The function that a name stands for where no variable has it.
    let functions: [Function?]
    /// The numbers of names that the renderer itself gives values to.
    let loopName: Int
    let callerName: Int
    let varargsName: Int
    let kwargsName: Int
}
