/// An expression of a template, and its place.
struct Expression: Sendable {
    let kind: Kind
    let position: TemplatePosition

    /// The kinds of expressions.
    indirect enum Kind: Sendable {
        case constant(Value)
        /// A variable by the number of its name.
        case variable(Int)
        case list([Expression])
        case tuple([Expression])
        case dictionary([(key: Expression, value: Expression)])
        case attribute(Expression, Attribute)
        case item(Expression, Expression)
        case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
        case call(Expression, CallArguments)
        case filter(Expression, FilterName, CallArguments)
        case test(Expression, TestName, CallArguments)
        case not(Expression)
        case negative(Expression)
        case positive(Expression)
        case and([Expression])
        case or([Expression])
        case compare(Expression, [(comparison: Comparison, operand: Expression)])
        case arithmetic(Expression, [(operation: ArithmeticOperator, operand: Expression)])
        case concatenation([Expression])
        case conditional(condition: Expression, then: Expression, otherwise: Expression?)
        /// The output of the block around a filter.
        case block
    }

    enum Comparison: Sendable {
        case equal
        case notEqual
        case order(Value.Order)
        case contained
        case notContained
    }

    enum ArithmeticOperator: String, Sendable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case floorDivide = "//"
        case remainder = "%"
        case power = "**"
    }
}

/// A filter by name; without a body where the name is unknown, which counts when it is called.
struct FilterName: Sendable {
    let name: String
    let filter: Filter?

    init(_ name: String) { (self.name, filter) = (name, Filter.all[name]) }
}

/// A test by name; without a body where the name is unknown, which counts when it is called.
struct TestName: Sendable {
    let name: String
    let test: Test?

    init(_ name: String) { (self.name, test) = (name, Test.all[name]) }
}

/// An attribute's name and what it means for values of each kind.
struct Attribute: Sendable {
    let key: TracedText
    let textMethod: TextMethod?
    let dictionaryMethod: DictionaryMethod?
    let sequenceMethod: SequenceMethod?
    let loopAttribute: LoopAttribute?
    /// True for the methods that would change a list or a dictionary.
    let changesList: Bool
    let changesDictionary: Bool

    private static let listChanges: Set = ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"]
    private static let dictionaryChanges: Set = ["clear", "fromkeys", "pop", "popitem", "setdefault", "update"]

    init(_ key: TracedText) {
        let name = key.count <= 32 ? key.string : ""
        self.key = key
        textMethod = TextMethod(rawValue: name)
        dictionaryMethod = DictionaryMethod(rawValue: name)
        sequenceMethod = SequenceMethod(rawValue: name)
        loopAttribute = LoopAttribute(rawValue: name)
        changesList = Self.listChanges.contains(name)
        changesDictionary = Self.dictionaryChanges.contains(name)
    }
}

/// The arguments of a call, a filter or a test.
struct CallArguments: Sendable {
    var positional: [Expression] = []
    var named: [(name: String, value: Expression)] = []
    /// The arguments behind `*`.
    var unpacked: Expression?
    /// The named arguments behind `**`.
    var unpackedNamed: Expression?
}
