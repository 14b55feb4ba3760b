/// Renders a template once: it walks the statements and holds what they share.
final class Renderer {
    let template: ParsedTemplate
    let limits: TemplateLimits
    let now: TemplateTime
    /// The output so far, of the template or of the body that is being rendered.
    private(set) var output = TracedText()
    /// The output of the block around a filter.
    var blockText = TracedText()

    private var work: Int
    /// The work that is left when it is asked again whether somebody waits.
    private var nextQuestion: Int
    private let isAwaited: () -> Bool
    private var depth = 0

    // The objects behind the handles among values.
    var iterators: [[Value]] = []
    var namespaces: [[TracedText: Value]] = []
    var macros: [(definition: MacroDefinition, scope: Scope)] = []
    var loops: [LoopState] = []
    var counters: [Counter] = []

    /// - Parameter isAwaited: asked now and then; rendering ends when nobody waits for it any more
    init(
        _ template: ParsedTemplate, limits: TemplateLimits, now: TemplateTime, while isAwaited: @escaping () -> Bool
    ) {
        self.template = template
        self.limits = limits
        self.now = now
        work = limits.work
        nextQuestion = limits.work
        self.isAwaited = isAwaited
    }

    /// Renders the whole template with these variables.
    func render(_ variables: [(name: String, value: Value)]) throws(TemplateError) -> TracedText {
        let scope = Scope(in: nil)
        let given = Dictionary(variables.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
        for (number, name) in template.names.enumerated() {
            if let value = given[name] { scope.set(number, value) }
        }
        _ = try execute(template.body, scope)
        let bytes = output.scalars.reduce(0) { $0 + UTF8.width($1) }
        guard bytes <= limits.outputBytes else { throw outputLimit }
        return output
    }

    private var outputLimit: TemplateError {
        TemplateError(.limit, "the rendered text has more than \(limits.outputBytes) bytes")
    }

    // MARK: Limits

    /// Some milliseconds.
    private static let workBetweenQuestions = 1 << 18

    /// Takes work from what is allowed.
    func charge(_ amount: Int) throws(TemplateError) {
        work = work.subtractingReportingOverflow(max(0, amount)).partialValue
        guard work >= 0 else { throw TemplateError(.limit, "rendering takes more work than allowed") }
        guard work < nextQuestion else { return }
        guard isAwaited() else { throw TemplateError(.abandoned, "nobody waits for the prompt any more") }
        nextQuestion = work - Self.workBetweenQuestions
    }

    /// Does something one level deeper.
    func deeper<T>(_ body: () throws(TemplateError) -> T) throws(TemplateError) -> T {
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.evaluationDepth else {
            throw TemplateError(.limit, "evaluations are nested deeper than \(limits.evaluationDepth) levels")
        }
        try charge(16)
        return try body()
    }

    /// Refuses a value that is going to be too large before it is made.
    func expect(size: Int) throws(TemplateError) {
        guard size <= limits.valueSize else {
            throw TemplateError(.limit, "a value would be larger than \(limits.valueSize) characters and elements")
        }
        try charge(size)
    }

    /// A value that was made, if it is within the limits.
    func checked(_ value: Value) throws(TemplateError) -> Value {
        try expect(size: value.size)
        guard value.depth <= limits.valueDepth else {
            throw TemplateError(.limit, "a value is nested deeper than \(limits.valueDepth) levels")
        }
        return value
    }

    func list(_ elements: [Value]) throws(TemplateError) -> Value { try checked(.list(ValueList(elements))) }
    func text(_ text: TracedText) throws(TemplateError) -> Value { try checked(.text(text)) }

    /// The text of a value by Python's `str`.
    func printed(_ value: Value) throws(TemplateError) -> TracedText {
        if case .text(let text) = value { return text }
        if case .loop(let number) = value {
            return TracedText("<LoopContext \(loops[number].index0 + 1)/\(try loops[number].length(self))>")
        }
        try charge(value.size * 4)
        let text = try value.printed()
        try expect(size: text.count)
        return text
    }

    /// An iterator over elements, which gives each once.
    func iterator(_ elements: [Value]) throws(TemplateError) -> Value {
        // Its elements count as those of a list, which it may become.
        _ = try list(elements)
        iterators.append(elements)
        return .iterator(iterators.count - 1)
    }

    /// The elements of a value that can be iterated over.
    func elements(of value: Value) throws(TemplateError) -> [Value] {
        switch value {
        case .undefined: return []
        case .list(let list), .tuple(let list), .group(let list): return list.elements
        case .dictionary(let dictionary): return dictionary.keys
        case .view(let view):
            try charge(view.dictionary.count * 4)
            return view.elements
        case .text(let text):
            try charge(text.count * 8)
            let text = text.plain()
            return (0..<text.count).map { .text(text.character(at: $0)) }
        case .range(let range):
            try charge(range.count ?? 0)
            return range.elements.map { .integer($0) }
        case .iterator(let number):
            let elements = iterators[number]
            iterators[number] = []
            return elements
        default: throw TemplateError(.evaluation, "'\(value.typeName)' object is not iterable")
        }
    }

    // MARK: Output

    func write(_ text: TracedText) throws(TemplateError) {
        try charge(text.count)
        guard output.count + text.count <= limits.outputBytes else { throw outputLimit }
        output.append(text)
    }

    /// The output of a body, which is not added to that of the template.
    func captured(_ body: () throws(TemplateError) -> Flow) throws(TemplateError) -> (TracedText, Flow) {
        let before = output
        output = TracedText()
        defer { output = before }
        let flow = try body()
        try expect(size: output.count)
        return (output, flow)
    }

    /// The way in which execution goes on behind a statement.
    enum Flow { case onward, leaveLoop, nextIteration }
}

/// The state of a `cycler` or a `joiner`.
struct Counter {
    let elements: [Value]
    let isJoiner: Bool
    var count = 0
}
