import PenstockJSON
import PenstockPipelines

/// The tools of `POST /v1/responses`, and how the model knows those that its clients run.
///
/// To the model all are functions: a tool of a group by the names of both, and one that takes a text with a parameter
/// `input`. Tools that the server would have to run, such as a search, are left out, unless a call of one is required.
struct ResponseTools: Sendable {
    /// A tool as clients know it.
    struct Origin: Sendable, Equatable {
        let name: String
        /// The name of the group that it is of; nil for none.
        var namespace: String?
        /// True if it takes a text, and no arguments.
        var isCustom = false

        /// The name by which the model knows it.
        fileprivate var modelName: String {
            guard let namespace else { return name }
            return namespace + (namespace.hasSuffix(Self.mark) ? "" : Self.mark) + name
        }

        /// The mark between the names of a group and of a tool, with which the names of some groups end.
        private static let mark = "__"
    }

    /// As functions of a chat.
    private(set) var use = ToolUse()
    /// Those that may be called, as the request has them.
    private(set) var inForce: [JSONValue] = []
    /// The tools by the names by which the model knows them.
    private var origins: [String: Origin] = [:]

    init(_ fields: RequestFields) throws(ClientError) {
        for tool in try fields.objects("tools") ?? [] {
            if try tool.string("type") == "namespace" {
                try add(namespace: tool)
            } else if try add(tool, of: nil) {
                inForce.append(.object(tool.object))
            }
        }
        use.isParallel = try fields.flag("parallel_tool_calls", default: true)
        guard let value = fields["tool_choice"] else { return }
        if value.object == nil {
            use.choice = try fields.mode("tool_choice") ?? .auto
        } else {
            try choose(fields.section("tool_choice"))
        }
        if use.tools.isEmpty, use.choice != .none, use.choice != .auto {
            throw fields.unsupported("tool_choice", "there are no tools that the client runs")
        }
    }

    /// The tool that a call of the model is of.
    func origin(of call: ToolCall) -> Origin { origins[call.name] ?? Origin(name: call.name) }

    /// The name by which the model knows the tool of a call that was made before.
    static func modelName(ofCall item: RequestFields) throws(ClientError) -> String {
        let name = try item.require(item.string("name"), "name", "the name of a tool")
        return Origin(name: name, namespace: try item.string("namespace")).modelName
    }

    // MARK: Tools

    /// Adds the tools of a group.
    private mutating func add(namespace group: RequestFields) throws(ClientError) {
        let name = try group.require(group.string("name"), "name", "a string")
        var tools: [JSONValue] = []
        for tool in try group.objects("tools") ?? [] {
            if try add(tool, of: name) { tools.append(.object(tool.object)) }
        }
        guard !tools.isEmpty else { return }
        inForce.append(
            .object(JSONObject(group.object.entries.map { ($0.key, $0.key == "tools" ? .array(tools) : $0.value) })))
    }

    /// Adds a tool.
    ///
    /// - Parameter namespace: the name of its group; nil for none
    /// - Returns: false for one that the server would have to run.
    private mutating func add(_ tool: RequestFields, of namespace: String?) throws(ClientError) -> Bool {
        let type = try tool.string("type") ?? "function"
        guard type == "function" || type == "custom" else { return false }
        let name = try tool.require(tool.string("name"), "name", "a string")
        let origin = Origin(name: name, namespace: namespace, isCustom: type == "custom")
        let modelName = origin.modelName
        if let other = origins[modelName], other != origin {
            throw tool.unsupported("name", "the model knows another tool as \(modelName.excerpt)")
        }
        origins[modelName] = origin
        if origin.isCustom {
            use.tools.append(ToolUse.Tool(name: modelName, try tool.descriptionOfCustom(), Self.input))
        } else {
            use.tools.append(try ToolUse.Tool(tool, name: modelName))
        }
        return true
    }

    /// The schema of the arguments of a tool that takes a text.
    private static let input = JSONValue.object(
        JSONObject([
            ("type", .string("object")),
            ("properties", .object(JSONObject([("input", .object(JSONObject([("type", .string("string"))])))]))),
            ("required", .array([.string("input")])), ("additionalProperties", .bool(false)),
        ]))

    // MARK: Choices

    /// Reads a choice that is an object: a tool by its name, or a mode for some of the tools.
    private mutating func choose(_ fields: RequestFields) throws(ClientError) {
        switch try fields.require(fields.string("type"), "type", "a string") {
        case "function", "custom": use.choice = .named(try known(fields))
        case "allowed_tools":
            var names: Set<String> = []
            for tool in try fields.objects("tools") ?? [] {
                let type = try tool.string("type") ?? "function"
                guard type == "function" || type == "custom" else { continue }
                names.insert(try known(tool))
            }
            use.choice = try fields.mode("mode") ?? .auto
            use.tools = use.tools.filter { names.contains($0.name) }
        case let type:
            throw fields.unsupported("type", "the server runs no tools, such as \(type.excerpt); clients run functions")
        }
    }

    /// The name by which the model knows a tool that a choice names.
    private func known(_ tool: RequestFields) throws(ClientError) -> String {
        let name = try Self.modelName(ofCall: tool)
        guard use.tools.contains(where: { $0.name == name }) else {
            throw ClientError(
                .invalidRequest, "\(tool.path)name is \(name.excerpt), but there is no such tool",
                parameter: "tool_choice")
        }
        return name
    }
}

extension ResponseTools.Origin {
    /// The text that a call of a tool that takes one has; what the model wrote if that is not of its form.
    func input(of call: ToolCall) -> String { call.argumentsObject?["input"]?.string ?? call.arguments }
}

extension RequestFields {
    /// The description of a tool that takes a text, with the grammar that the text is to have: this is a wish to the
    /// model, which is not held to it.
    fileprivate func descriptionOfCustom() throws(ClientError) -> String? {
        let description = try string("description")
        let format = try section("format")
        guard try format.choice("type", ["text": false, "grammar": true]) == true else { return description }
        let syntax = try format.require(format.string("syntax"), "syntax", "a string")
        let grammar = try format.require(format.string("definition"), "definition", "a string")
        return [description, "The input has to fit this grammar (\(syntax)):\n\(grammar)"].compactMap(\.self)
            .joined(separator: "\n\n")
    }
}
