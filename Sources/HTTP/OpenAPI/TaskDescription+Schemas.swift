import PenstockJSON
import PenstockPipelines

extension TaskDescription {
    private func reference(_ part: String) -> JSONSchema { .reference("#/components/schemas/\(name).\(part)") }

    /// The schema of a request.
    var request: JSONSchema { reference("request") }
    /// The schema of the answer.
    var response: JSONSchema { reference("response") }

    /// True if answers can be told piece by piece.
    var streams: Bool { name == TaskRegistry.description(of: TextGeneration.self)?.name }

    /// The schemas of the task, by the names under which operations refer to them.
    var components: [(String, JSONSchema)] {
        let (input, output) = (reference("input"), reference("output"))
        var parameters = options.map { (name: $0.name, schema: $0.schema, isRequired: false) }
        if streams {
            parameters.append(
                ("stream", JSONSchema.boolean.orNull.described(as: "Answer with an event for each token."), false))
        }
        // Parameters may also stand beside the inputs.
        let request = JSONSchema.object(
            [("inputs", .oneOrMore(input), true), ("parameters", reference("parameters").orNull, false)] + parameters)
        return [
            ("\(name).parameters", .object(parameters, others: nil)), ("\(name).input", schemas.input),
            ("\(name).output", schemas.output), ("\(name).request", request),
            ("\(name).response", .any(of: output, .array(of: output))),
        ]
    }
}

extension Operation {
    /// The operation of a model whose tasks are known.
    func asking(_ model: OpenAPIDocument.Model) -> Operation {
        let tasks = model.tasks
        guard !tasks.isEmpty else { return self }
        return with { operation in
            operation.body = .any(of: tasks.map(\.request))
            operation.answer = .any(of: tasks.map(\.response))
            operation.takesText = tasks.first?.schemas.takesText ?? false
            operation.streams = tasks.contains(where: \.streams)
        }
    }

    /// The operation of a route of which only the route is known.
    static func undescribed(_ route: RouteTable.Route) -> Operation {
        Operation(.others, "\(route.method.rawValue) \(route.path)") {
            if route.method == .post || route.method == .put { $0.body = .object() }
        }
    }
}
