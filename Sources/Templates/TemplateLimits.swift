/// Bounds within which a template is read and rendered.
public struct TemplateLimits: Sendable, Equatable {
    /// The longest source, in bytes.
    public var sourceBytes = 1 << 20
    /// The deepest nesting of a source's statements and expressions.
    public var syntaxDepth = 100
    /// The deepest nesting of evaluations, calls of macros included. A level takes up to 3 KB of the thread's stack.
    public var evaluationDepth = 200
    /// The deepest nesting of a value.
    public var valueDepth = 128
    /// The largest value: its code points and elements, those of its elements included.
    public var valueSize = 1 << 24
    /// The most work: code points and elements that are made or looked at, and 16 for each step of the evaluation.
    public var work = 1 << 26
    /// The longest output, in bytes of UTF-8.
    public var outputBytes = 1 << 24

    /// The defaults, which all templates in use stay far below.
    public init() {}
}
