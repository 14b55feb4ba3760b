import PenstockJSON

/// The options of a task, declared once: parsing, bounds, messages, `GET /info` and the help of the command line come
/// from here.
package struct OptionTable<Options: TaskOptions>: Sendable {
    private let options: [TaskOption<Options>]
    /// Names of options that may be given beside an object or within it, but not both.
    private let exclusive: [(name: String, object: String)]
    /// Pairs of names of the same option, which may not say different things.
    private let synonyms: [(String, String)]

    package init(
        _ options: [TaskOption<Options>], notBoth exclusive: [(name: String, object: String)] = [],
        synonyms: [(String, String)] = []
    ) {
        self.options = options
        self.exclusive = exclusive
        self.synonyms = synonyms
    }

    /// The descriptions of the options for users.
    package var descriptions: [OptionDescription] { options.map(\.description) }

    /// The same options, of options that have these among theirs.
    func lifted<Outer: TaskOptions>(to path: WritableKeyPath<Outer, Options> & Sendable) -> [TaskOption<Outer>] {
        options.map { $0.lifted(to: path) }
    }

    /// Reads the options that a client sent.
    ///
    /// - Parameters:
    ///   - path: what stands before an option's name in messages.
    ///   - defaults: what the options are that the client did not send.
    /// - Throws: ``PipelineError`` for an option that there is not, and for a value that an option cannot have.
    package func parse(
        _ object: JSONObject, path: String = "", onto defaults: Options = Options()
    ) throws(PipelineError) -> Options {
        var result = defaults
        try read(object, path: path, into: &result)
        return result
    }

    /// Reads the value of one option.
    ///
    /// - Precondition: the table has the option.
    /// - Throws: ``PipelineError`` for a value that it cannot have.
    package func read(_ name: String, _ value: JSONValue, into result: inout Options) throws(PipelineError) {
        try option(named: name).read(JSONObject([(name, value)]), path: "", into: &result)
    }

    /// The values of one option as messages name them.
    ///
    /// - Precondition: the table has the option.
    package func expected(of name: String) -> String { option(named: name).description.kind.expected }

    private func option(named name: String) -> TaskOption<Options> {
        guard let option = options.first(where: { $0.description.name == name }) else {
            preconditionFailure("there is no option \(name)")
        }
        return option
    }

    func read(_ object: JSONObject, path: String, into result: inout Options) throws(PipelineError) {
        guard !object.entries.isEmpty else { return }
        for option in options { try option.read(object, path: path, into: &result) }
        for (name, nested) in exclusive where object.gives(name) && object[nested]?.object?.gives(name) == true {
            throw PipelineError(
                .invalidParameter, "\(name) is given twice: as a parameter and in \(path)\(nested)")
        }
        for (name, other) in synonyms where object.gives(name) && object.gives(other) && object[name] != object[other] {
            throw PipelineError(
                .invalidParameter,
                "parameters \(path)\(name) and \(path)\(other) are the same, but differ; give one of them")
        }
        let names = options.map(\.description.name)
        guard let unknown = object.entries.first(where: { !names.contains($0.key) }) else { return }
        let known = names.isEmpty ? "there are none" : "known are: \(names.sorted().joined(separator: ", "))"
        throw PipelineError(
            .invalidParameter,
            "unknown parameter \(path)\(unknown.key.excerpt); \(known)" + NearNames.question(unknown.key, among: names))
    }
}

extension JSONObject {
    /// Tells whether there is a value other than null.
    fileprivate func gives(_ name: String) -> Bool { self[name].map { !$0.isNull } ?? false }
}
