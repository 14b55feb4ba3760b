import PenstockJSON
import PenstockPipelines

extension RequestFields {
    /// The form that an answer has to have, in any of the spellings that there are: `response_format` of OpenAI,
    /// llama-server and Hugging Face, and the fields of vLLM.
    ///
    /// - Throws: `ClientError` for what is no such form, and for several of them.
    func structure() throws(ClientError) -> OutputStructure? {
        let outputs = try section("structured_outputs")
        if let grammar = self["guided_grammar"] ?? outputs["grammar"] ?? outputs["structural_tag"], !grammar.isNull {
            throw unsupported(
                self["guided_grammar"] == nil ? "structured_outputs" : "guided_grammar", "grammars are not supported")
        }
        var structures: [(name: String, structure: OutputStructure)] = []
        func add(_ name: String, _ structure: OutputStructure?) {
            if let structure { structures.append((name, structure)) }
        }
        add("response_format", try section("response_format").responseFormat())
        add("guided_json", try schema("guided_json").map { .schema($0) })
        add("guided_regex", try string("guided_regex").map { .regex($0) })
        add("guided_choice", try texts("guided_choice").map { .choice($0) })
        add("structured_outputs", try outputs.schema("json").map { .schema($0) })
        add("structured_outputs", try outputs.string("regex").map { .regex($0) })
        add("structured_outputs", try outputs.texts("choice").map { .choice($0) })
        add("structured_outputs", try outputs.flag("json_object") ? .jsonObject : nil)
        guard structures.count < 2 else {
            let names = structures.map(\.name).joined(separator: " and ")
            throw unsupported(structures[1].name, "an answer has one form, but \(names) ask for several")
        }
        if case .choice(let texts)? = structures.first?.structure, texts.isEmpty {
            throw unsupported(structures[0].name, "there is nothing to choose from")
        }
        return structures.first?.structure
    }

    /// The form that the fields of a `response_format`, or of a `text.format`, ask for.
    func responseFormat() throws(ClientError) -> OutputStructure? {
        guard let type = try string("type") else { return nil }
        switch type {
        case "text": return nil
        case "json_object", "json":
            // Hugging Face's clients have the schema under `value`, and older ones call that `json`; llama-server has
            // it under `schema`.
            return try structure(ofFirst: "value", "schema")
        case "json_schema":
            // In `text.format` of the Responses API the schema stands beside the type.
            guard self["json_schema"] != nil else { return try structure(ofFirst: "schema", "value") }
            return try section("json_schema").structure(ofFirst: "schema")
        case "regex": return .regex(try require(string("value"), "value", "a regular expression"))
        default: throw invalid("type", "\"text\", \"json_object\" or \"json_schema\"")
        }
    }

    /// The form by the first of some schemas that is there; any object without one.
    private func structure(ofFirst names: String...) throws(ClientError) -> OutputStructure {
        for name in names {
            if let schema = try schema(name) { return .schema(schema) }
        }
        return .jsonObject
    }

    /// A JSON schema, which may be written as a text.
    private func schema(_ name: String) throws(ClientError) -> JSONValue? {
        try value(name, "a JSON schema") { value in
            let schema = value.string.flatMap { try? JSONValue(parsing: $0.utf8) } ?? value
            return schema.object == nil && schema.bool == nil ? nil : schema
        }
    }
}
