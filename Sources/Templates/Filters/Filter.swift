/// A filter: what it takes beside its value, and what it makes of them.
struct Filter: Sendable {
    typealias Body = @Sendable (Renderer, Value, [Value?]) throws(TemplateError) -> Value
    typealias FreeBody = @Sendable (Renderer, Value, Arguments) throws(TemplateError) -> Value

    /// The parameters by name, or nil for a filter that takes any.
    private let parameters: [String]
    private let required: Int
    private let body: Body?
    private let freeBody: FreeBody?

    /// A filter with these parameters, the first of which are required.
    init(_ parameters: [String] = [], required: Int = 0, _ body: @escaping Body) {
        (self.parameters, self.required, self.body, freeBody) = (parameters, required, body, nil)
    }

    /// A filter that takes any arguments.
    init(any body: @escaping FreeBody) { (parameters, required, self.body, freeBody) = ([], 0, nil, body) }

    func callAsFunction(
        _ renderer: Renderer, _ name: String, _ value: Value, _ arguments: Arguments
    ) throws(TemplateError) -> Value {
        if let freeBody { return try freeBody(renderer, value, arguments) }
        let given = try arguments.bound("the filter '\(name)'", parameters, required: required)
        return try body?(renderer, value, given) ?? .null
    }

    /// All filters by name.
    static let all: [String: Filter] = textFilters.merging(sequenceFilters) { first, _ in first }
        .merging(selectionFilters) { first, _ in first }.merging(numberFilters) { first, _ in first }

    /// Filters of Jinja that chat templates do without: they make HTML or depend on chance.
    static let unsupported: Set<String> = ["pprint", "random", "striptags", "urlize", "wordwrap", "xmlattr"]
}

extension Renderer {
    func filter(_ name: FilterName, _ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        guard let filter = name.filter else {
            if Filter.unsupported.contains(name.name) {
                throw TemplateError(.unsupported, "the filter '\(name.name)' is not supported in chat templates")
            }
            throw TemplateError(.evaluation, "no filter named '\(name.name.prefix(100))'")
        }
        return try filter(self, name.name, value, arguments)
    }

    func test(_ name: TestName, _ value: Value, _ arguments: Arguments) throws(TemplateError) -> Bool {
        guard let test = name.test else {
            throw TemplateError(.evaluation, "no test named '\(name.name.prefix(100))'")
        }
        return try test(self, name.name, value, arguments)
    }
}
