import PenstockJSON
import PenstockPipelines

/// The tools of a chat, and what a request says about calling them.
///
/// A dialect reads one of its fields, has it settle its ``GenerationCall``, and finds the calls of each text by a copy
/// of the parser that comes of it.
struct ToolUse: Sendable {
    /// The rule by which tools are called.
    enum Choice: Sendable, Equatable {
        /// None is called.
        case none
        /// The model decides.
        case auto
        /// One at least is called.
        case required
        /// This one is called.
        case named(String)
    }

    /// A tool that the model may call.
    struct Tool: Sendable {
        let name: String
        /// The JSON schema of its arguments; nil for any.
        let parameters: JSONValue?
        /// As chat templates take it: `{"type": "function", "function": {"name", "description", "parameters"}}`.
        let description: JSONValue
    }

    var tools: [Tool] = []
    var choice = Choice.auto
    /// True if an answer may have several calls.
    var isParallel = true

    /// Tells the model of the tools, and has it call one if that is required.
    ///
    /// - Returns: what finds the calls in a text; nil if there are none to find.
    /// - Throws: `ClientError` if it is not known how the model calls tools.
    func settle(
        _ call: inout GenerationCall, on task: TextGeneration, field: String = "tools"
    ) throws(ClientError) -> ToolCallParser? {
        guard !tools.isEmpty, choice != .none else { return nil }
        guard let format = task.toolCallFormat(call.options.chat) else {
            throw ClientError(
                .invalidRequest,
                "\(field): it is not known how this model calls tools; its chat template is of no family whose form is "
                    + "(Hermes and Qwen, Llama from 3.1 on, Mistral). Send no tools, or the tool choice \"none\"",
                parameter: field)
        }
        call.options.chat.tools = tools.map(\.description)
        let mostCalls = isParallel ? Int.max : 1
        if let schema = schemaOfCall {
            call.options.generation.structure = .schema(schema)
            return ToolCallParser(.object, tools: names, mostCalls: 1)
        }
        if format.marksAreSpecial { call.options.skipSpecialTokens = false }
        return ToolCallParser(format, tools: names, mostCalls: mostCalls)
    }

    /// True if an answer has to be a call.
    var requiresCall: Bool {
        switch choice {
        case .none, .auto: false
        case .required, .named: true
        }
    }

    private var names: Set<String> { Set(candidates.map(\.name)) }

    /// The tools that may be called.
    private var candidates: [Tool] {
        guard case .named(let name) = choice else { return tools }
        return tools.filter { $0.name == name }
    }

    /// The schema of a call, if one is required; nil if none is.
    private var schemaOfCall: JSONValue? {
        guard requiresCall else { return nil }
        let candidates = candidates
        let schemas = candidates.enumerated().map { index, tool in
            let name = JSONValue.object(JSONObject([("const", .string(tool.name))]))
            let place = (candidates.count == 1 ? "#" : "#/anyOf/\(index)") + "/properties/arguments"
            let parameters = (tool.parameters ?? .object(JSONObject())).schema(movedTo: place).ofObjects
            return JSONValue.object(
                JSONObject([
                    ("type", .string("object")),
                    ("properties", .object(JSONObject([("name", name), ("arguments", parameters)]))),
                    ("required", .array([.string("name"), .string("arguments")])),
                    ("additionalProperties", .bool(false)),
                ]))
        }
        return schemas.count == 1 ? schemas.first : .object(JSONObject([("anyOf", .array(schemas))]))
    }
}

extension JSONValue {
    /// A JSON schema as it is in another place of a document: its references, which count from the root, find the same
    /// schemas there.
    ///
    /// - Parameter place: that of the schema, `#` and a JSON pointer
    fileprivate func schema(movedTo place: String) -> JSONValue {
        switch self {
        case .object(let object):
            .object(JSONObject(object.entries.map { ($0.key, $0.value.keyword($0.key, movedTo: place)) }))
        case .array(let schemas): .array(schemas.map { $0.schema(movedTo: place) })
        default: self
        }
    }

    /// The schema with `object` as its type, unless it has another one: the arguments of a call are an object, also
    /// where the schema of a tool leaves that to be understood.
    fileprivate var ofObjects: JSONValue {
        guard case .object(let schema) = self, schema["type"]?.string == nil,
            schema["type"]?.array?.contains(.string("object")) ?? true
        else { return self }
        let others = schema.entries.filter { $0.key != "type" }.map { ($0.key, $0.value) }
        return .object(JSONObject([("type", .string("object"))] + others))
    }

    /// The value of a keyword of a schema that is moved.
    private func keyword(_ name: String, movedTo place: String) -> JSONValue {
        switch (name, self) {
        case ("$ref", .string(let reference)) where reference.hasPrefix("#"):
            .string(place + reference.dropFirst())
        case ("const", _), ("enum", _), ("default", _), ("examples", _): self
        case ("properties", .object(let schemas)), ("patternProperties", .object(let schemas)),
            ("$defs", .object(let schemas)), ("definitions", .object(let schemas)):
            .object(JSONObject(schemas.entries.map { ($0.key, $0.value.schema(movedTo: place)) }))
        default: schema(movedTo: place)
        }
    }
}
