import PenstockJSON
import PenstockPipelines

extension ToolUse {
    /// The tools of a chat: `tools`, `tool_choice` and `parallel_tool_calls`.
    init(_ fields: RequestFields) throws(ClientError) {
        for tool in try fields.objects("tools") ?? [] {
            let type = try tool.string("type") ?? "function"
            guard type == "function" else {
                throw ClientError(
                    .invalidRequest, "\(tool.path)type is \(type.excerpt), but tools have to be functions",
                    parameter: "\(tool.path)type")
            }
            tools.append(try Tool(tool.section("function")))
        }
        isParallel = try fields.flag("parallel_tool_calls", default: true)
        guard let value = fields["tool_choice"] else { return }
        if value.object == nil {
            choice = try fields.mode("tool_choice") ?? .auto
        } else {
            try read(fields.section("tool_choice"))
        }
        if tools.isEmpty, choice != .none, choice != .auto {
            throw fields.unsupported("tool_choice", "there are no tools")
        }
    }

    /// Reads a choice that is an object: a function by its name, or a mode for some of the tools. Clients of Hugging
    /// Face have a function without a type.
    private mutating func read(_ fields: RequestFields) throws(ClientError) {
        switch try fields.string("type") ?? (fields["function"] == nil ? nil : "function") {
        case "function": choice = .named(try known(fields.section("function")))
        case "allowed_tools":
            let allowed = try fields.section("allowed_tools")
            var names: [String] = []
            for tool in try allowed.objects("tools") ?? [] { names.append(try known(tool.section("function"))) }
            choice = try allowed.mode("mode") ?? .auto
            tools = tools.filter { names.contains($0.name) }
        default: throw fields.invalid("type", "\"function\" or \"allowed_tools\"")
        }
    }

    /// The name of a function that is among the tools.
    private func known(_ function: RequestFields) throws(ClientError) -> String {
        let name = try function.require(function.string("name"), "name", "the name of a function")
        guard tools.contains(where: { $0.name == name }) else {
            throw ClientError(
                .invalidRequest, "\(function.path)name is \(name.excerpt), but there is no such tool",
                parameter: "tool_choice")
        }
        return name
    }
}

extension ToolUse.Tool {
    /// A function by its fields.
    ///
    /// - Parameter name: by which the model knows it; nil for its own
    init(_ function: RequestFields, name: String? = nil) throws(ClientError) {
        let own = try function.require(function.string("name"), "name", "a string")
        let parameters = try function.value("parameters", "a JSON schema") { $0.object == nil ? nil : $0 }
        self.init(name: name ?? own, try function.string("description"), parameters)
    }

    /// A function as chat templates take it. One without parameters has an object without properties.
    init(name: String, _ text: String?, _ parameters: JSONValue?) {
        var function = JSONObject([("name", .string(name))])
        if let text { function.append("description", .string(text)) }
        let none = JSONObject([("type", .string("object")), ("properties", .object(JSONObject()))])
        function.append(
            "parameters", parameters.flatMap { $0.object?.entries.isEmpty == false ? $0 : nil } ?? .object(none))
        self.init(
            name: name, parameters: parameters,
            description: .object(JSONObject([("type", .string("function")), ("function", .object(function))])))
    }
}

extension RequestFields {
    /// A rule for calls of tools by its name.
    func mode(_ name: String) throws(ClientError) -> ToolUse.Choice? {
        try choice(name, ["none": ToolUse.Choice.none, "auto": .auto, "required": .required, "any": .required])
    }
}
