import PenstockJSON
import PenstockPipelines

extension RequestFields {
    /// The name of the model, as clients of Ollama write it: `NAME` and `NAME:latest` are the same.
    func ollamaModel() throws(ClientError) -> OllamaModel {
        let (model, name) = (try string("model"), try string("name"))
        return OllamaModel(asked: model ?? name)
    }
}

/// A model as a client of Ollama names it.
struct OllamaModel: Sendable {
    /// The name that the client has given; nil for none.
    let asked: String?

    private static let tag = ":latest"

    /// The name by which the model is served.
    var name: String? { asked.map { $0.hasSuffix(Self.tag) ? String($0.dropLast(Self.tag.count)) : $0 } }

    /// The name under which a model is listed.
    static func listed(_ name: String) -> String { name + tag }
}

extension GenerationCall {
    /// Reads the fields that requests of Ollama have in common, but for `think`.
    mutating func readOllama(_ fields: RequestFields) throws(ClientError) {
        isStreamed = try fields.flag("stream", default: true)
        options.generation.structure =
            try fields.value("format", "\"json\" or a JSON schema", OutputStructure.ofOllama)
            ?? nil
        let likeliest = try fields.integer("top_logprobs", in: 0...20) ?? 0
        tellLogprobs(try fields.flag("logprobs") ? likeliest : nil)
        try readOptions(try fields.section("options"))
    }

    /// Of what is not read here, nothing changes what is answered: it is of memory, threads and devices.
    private mutating func readOptions(_ fields: RequestFields) throws(ClientError) {
        for (name, neutral) in Self.refused where fields[name].map({ !neutral.contains($0) }) ?? false {
            throw fields.unsupported(name, "it is not supported; leave it out")
        }
        let most = try fields.integer("num_predict", atLeast: -2) ?? -1
        // Numbers below 1 are for as many as there is room for.
        options.generation.maxNewTokens = most > 0 ? min(most, Int(Int32.max)) : Int(Int32.max)
        try fields.read(
            [
                "temperature": "temperature", "top_k": "top_k", "top_p": "top_p", "min_p": "min_p",
                "typical_p": "typical_p", "repeat_penalty": "repetition_penalty",
                "presence_penalty": "presence_penalty", "frequency_penalty": "frequency_penalty", "stop": "stop",
            ], into: &options.generation)
        try fields.readPenaltyWindow(into: &options.generation)
        options.generation.seed = try fields.seed()
    }

    private static let refused: KeyValuePairs<String, [JSONValue]> = [
        "mirostat": [.integer(0)], "tfs_z": [.integer(1), .double(1)],
    ]
}

extension OutputStructure {
    /// The structure that the field `format` asks for; nil within for none, nil for what is no format.
    fileprivate static func ofOllama(_ value: JSONValue) -> OutputStructure?? {
        switch value {
        case .string("json"): .some(.jsonObject)
        case .string(""): .some(nil)
        case .object: .some(.schema(value))
        default: nil
        }
    }
}

extension RequestFields {
    /// The messages of a chat. Arguments of calls of tools are objects.
    func ollamaMessages() throws(ClientError) -> [ChatMessage] {
        var messages: [ChatMessage] = []
        for message in try objects("messages") ?? [] {
            try message.refuseImages()
            var fields = JSONObject([
                ("role", .string(try message.require(message.string("role"), "role", "a string"))),
                ("content", .string(try message.string("content") ?? "")),
            ])
            if let thoughts = try message.string("thinking") {
                fields.append(thought: thoughts)
            }
            if let name = try message.string("tool_name") { fields.append("name", .string(name)) }
            if let id = try message.string("tool_call_id") { fields.append("tool_call_id", .string(id)) }
            var calls: [JSONValue] = []
            for call in try message.objects("tool_calls") ?? [] {
                let function = try call.section("function")
                let name = try function.require(function.string("name"), "name", "a string")
                calls.append(
                    ToolCall.message(id: try call.string("id"), name, arguments: function["arguments"] ?? .null))
            }
            if !calls.isEmpty { fields.append("tool_calls", .array(calls)) }
            messages.append(ChatMessage(fields))
        }
        return messages
    }

    /// Refuses pictures, which models of texts do not see.
    func refuseImages() throws(ClientError) {
        guard let images = self["images"], images.array?.isEmpty != true else { return }
        throw unsupported("images", "the model reads texts alone")
    }
}
