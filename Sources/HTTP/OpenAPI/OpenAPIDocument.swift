import HTTPTypes
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// The description of a server in OpenAPI 3.1: its routes, and what its models take, by their declarations.
struct OpenAPIDocument: Sendable {
    /// A model that is served, and the tasks that it is served for.
    struct Model: Sendable {
        let name: String
        let tasks: [TaskDescription]
    }

    private let routes: [RouteTable.Route]
    private let models: [Model]
    /// Says whether the route needs a key.
    private let needsKey: @Sendable (RouteTable.Access) -> Bool

    init(
        _ routes: [RouteTable.Route], models: [Model], needsKey: @escaping @Sendable (RouteTable.Access) -> Bool
    ) {
        (self.routes, self.models, self.needsKey) = (routes, models, needsKey)
    }

    /// The document.
    var json: JSONValue {
        .object(
            JSONObject([
                ("openapi", .string("3.1.0")),
                (
                    "info",
                    .object(
                        JSONObject([
                            ("title", .string("Penstock")), ("version", .string(PenstockVersion.current)),
                            ("description", .string("Pipelines of Hugging Face as a web service.")),
                        ]))
                ),
                ("tags", .array(tags.map { .object(JSONObject([("name", .string($0.rawValue))])) })),
                ("paths", .object(paths)), ("components", .object(components)),
            ]))
    }

    // MARK: Paths

    private var tags: [Operation.Tag] {
        let used = Set(routes.map { (Operation.described($0)?.tag ?? .others) })
        return Operation.Tag.allCases.filter(used.contains)
    }

    /// The routes by their paths, in their order; behind each path with the name of a model the paths of those models.
    private var paths: JSONObject {
        var order: [String] = []
        var byPath: [String: [RouteTable.Route]] = [:]
        for route in routes {
            if byPath[route.path] == nil { order.append(route.path) }
            byPath[route.path, default: []].append(route)
        }
        var paths = JSONObject()
        for path in order {
            let routes = byPath[path] ?? []
            for (index, model) in models.enumerated() where Self.path(of: model) == path {
                paths.append(
                    "/models/" + model.name.percentEncoded, item(routes, for: model, suffix: "_\(index)", isNamed: true)
                )
            }
            paths.append(path, item(routes, for: path == "/" ? models.first : nil, suffix: "", isNamed: false))
        }
        return paths
    }

    /// The path by which routes have a model's name.
    private static func path(of model: Model) -> String {
        model.name.contains("/") ? "/models/{model}/{name}" : "/models/{model}"
    }

    /// - Parameters:
    ///   - model: the model that the path is about, if it is known
    ///   - suffix: what tells the operations from those of other paths to the same routes
    ///   - isNamed: whether the path has the model's name instead of a parameter
    private func item(_ routes: [RouteTable.Route], for model: Model?, suffix: String, isNamed: Bool) -> JSONValue {
        .object(
            JSONObject(
                routes.map { route in
                    (route.method.rawValue.lowercased(), operation(route, model, suffix, isNamed: isNamed))
                }))
    }

    private func operation(
        _ route: RouteTable.Route, _ model: Model?, _ suffix: String, isNamed: Bool
    ) -> JSONValue {
        let takesModel = route.method == .post
        let described = Operation.described(route) ?? .undescribed(route)
        let operation = model.map { takesModel ? described.asking($0) : described } ?? described
        var json = JSONObject([
            ("operationId", .string(route.identifier + suffix)),
            ("tags", .array([.string(operation.tag.rawValue)])), ("summary", .string(operation.summary)),
        ])
        var parameters = isNamed ? [] : route.pathParameters.map { Self.reference("parameters", $0) }
        if operation.body != nil { parameters += ["X-Request-Timeout"].map { Self.reference("parameters", $0) } }
        if !parameters.isEmpty { json.append("parameters", .array(parameters)) }
        if let body = operation.body {
            var content = [("application/json", Self.media(body))]
            if operation.takesText { content.append(("text/plain", Self.media(.string))) }
            json.append(
                "requestBody",
                .object(
                    JSONObject([
                        ("required", .bool(operation.requiresBody)), ("content", .object(JSONObject(content))),
                    ])))
        }
        let hasKey = needsKey(route.access)
        json.append("responses", .object(responses(to: operation, of: route, hasKey: hasKey)))
        if hasKey {
            json.append("security", .array(Self.keys.map { .object(JSONObject([($0.name, .array([]))])) }))
        }
        return .object(json)
    }

    private func responses(to operation: Operation, of route: RouteTable.Route, hasKey: Bool) -> JSONObject {
        var content = [(operation.mediaType, Self.media(operation.answer))]
        if operation.streams { content.append((operation.streamType, Self.media(.string))) }
        func success(_ status: HTTPResponse.Status) -> JSONValue {
            .object(
                JSONObject([
                    ("description", .string(status.reasonPhrase)), ("content", .object(JSONObject(content))),
                ]))
        }
        var responses = JSONObject([("200", success(.ok))])
        let further = operation.furtherStatuses
        for status in further where status.kind == .successful { responses.append("\(status.code)", success(status)) }
        guard route.access != .everybody else {
            for status in further where status.kind != .successful {
                responses.append("\(status.code)", success(status))
            }
            return responses
        }
        let errors = route.errors.statuses(hasBody: operation.body != nil, hasKey: hasKey)
        for code in Set(errors + further.filter { $0.kind != .successful }.map(\.code)).sorted() {
            responses.append("\(code)", Self.reference("responses", route.errors.name))
        }
        return responses
    }

    private static func media(_ schema: JSONSchema) -> JSONValue { .object(JSONObject([("schema", schema.json)])) }

    private static func reference(_ kind: String, _ name: String) -> JSONValue {
        JSONSchema.reference("#/components/\(kind)/\(name)").json
    }

    // MARK: Components

    private var components: JSONObject {
        var components = JSONObject()
        let known = models.flatMap(\.tasks)
        var schemas = JSONObject()
        for task in TaskRegistry.descriptions where known.contains(where: { $0.name == task.name }) {
            for (name, schema) in task.components { schemas.append(name, schema.json) }
        }
        for form in ErrorEnvelope.forms { schemas.append(form.name, form.schema.json) }
        components.append("schemas", .object(schemas))
        components.append(
            "responses",
            .object(
                JSONObject(
                    ErrorEnvelope.forms.map { form in
                        let media = Self.media(.reference("#/components/schemas/\(form.name)"))
                        let content = JSONValue.object(JSONObject([("application/json", media)]))
                        let fields = [("description", JSONValue.string("An error.")), ("content", content)]
                        return (form.name, .object(JSONObject(fields)))
                    })))
        components.append("parameters", .object(parameters))
        if routes.contains(where: { needsKey($0.access) }) {
            components.append("securitySchemes", .object(JSONObject(Self.keys.map { ($0.name, .object($0.scheme)) })))
        }
        return components
    }

    private var parameters: JSONObject {
        func parameter(_ name: String, in place: String, _ schema: JSONSchema, _ summary: String) -> (String, JSONValue)
        {
            let fields: [(String, JSONValue)] = [
                ("name", .string(name)), ("in", .string(place)), ("required", .bool(place == "path")),
                ("description", .string(summary)), ("schema", schema.json),
            ]
            return (name, .object(JSONObject(fields)))
        }
        return JSONObject([
            parameter("model", in: "path", .string, "The name of a model, or its first part."),
            parameter("name", in: "path", .string, "The second part of the name of a model."),
            parameter("task", in: "path", .string, "The name of a task."),
            parameter("version", in: "path", .string, "The version of a model, which is 1."),
            parameter("digest", in: "path", .string, "The hash of a file."),
            parameter(
                "X-Request-Timeout", in: "header",
                JSONSchema.number.bounded(
                    least: .integer(0), most: nil, isLeastIncluded: false), "Seconds that the answer may take."),
        ])
    }

    /// The ways in which a key may come.
    private static let keys: [(name: String, scheme: JSONObject)] = [
        ("bearer", JSONObject([("type", .string("http")), ("scheme", .string("bearer"))])),
        ("x-api-key", field("X-API-Key")), ("api-key", field("Api-Key")),
    ]

    private static func field(_ name: String) -> JSONObject {
        JSONObject([("type", .string("apiKey")), ("in", .string("header")), ("name", .string(name))])
    }
}

extension RouteTable.Route {
    /// Tells its operation from all others.
    fileprivate var identifier: String {
        let parts = path.split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
        return method.rawValue.lowercased() + (parts.isEmpty ? "" : "_" + parts)
    }

    /// The names of what in its path stands for any part.
    fileprivate var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}

extension String {
    /// The text as it stands in a path, with its slashes.
    fileprivate var percentEncoded: String {
        let digits = Array("0123456789ABCDEF")
        return utf8.reduce(into: "") { text, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }
}
