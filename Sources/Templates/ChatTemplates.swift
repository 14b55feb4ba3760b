import PenstockJSON

/// The chat templates of a model by name: mostly one, but some models have others for tools or documents.
public struct ChatTemplates: Sendable {
    /// The templates in the order in which they were given. One that cannot be read hurts only those who ask for it.
    private let templates: [(name: String, template: Result<ChatTemplate, TemplateError>)]

    /// The templates of a model, none of which is read if there are files.
    ///
    /// - Parameters:
    ///   - setting: `chat_template` of tokenizer_config.json: a template, or a list of objects with `name` and
    ///     `template`
    ///   - file: the contents of chat_template.jinja
    ///   - additional: the contents of the files in additional_chat_templates/, by their names without `.jinja`
    /// - Throws: ``TemplateError`` if the setting is something else.
    public init(
        setting: JSONValue? = nil, file: String? = nil, additional: [(name: String, source: String)] = [],
        limits: TemplateLimits = TemplateLimits()
    ) throws(TemplateError) {
        var sources: [(name: String, source: String)] = []
        if let file { sources.append((Self.defaultName, file)) }
        sources += additional
        if sources.isEmpty, let setting { sources = try Self.sources(setting) }
        templates = sources.map { name, source in
            (name, Result { () throws(TemplateError) in try ChatTemplate(source: source, limits: limits) })
        }
    }

    private static let defaultName = "default"

    private static func sources(_ setting: JSONValue) throws(TemplateError) -> [(name: String, source: String)] {
        var sources: [(name: String, source: String)] = []
        switch setting {
        case .null: return []
        case .string(let source): return [(defaultName, source)]
        case .array(let elements):
            for element in elements {
                guard let name = element["name"]?.string, let source = element["template"]?.string else {
                    throw TemplateError(
                        .syntax, "each element of 'chat_template' must have 'name' and 'template', both strings")
                }
                sources.append((name, source))
            }
            return sources
        case .object(let object):
            for entry in object.entries {
                guard let source = entry.value.string else {
                    throw TemplateError(.syntax, "each entry of 'chat_template' must be a string")
                }
                sources.append((entry.key, source))
            }
            return sources
        default: throw TemplateError(.syntax, "'chat_template' must be a string or a list, not \(setting.kind)")
        }
    }

    /// True if the model has no template.
    public var isEmpty: Bool { templates.isEmpty }

    /// The names of the templates.
    public var names: [String] { templates.map(\.name) }

    /// The name that is meant: without one, `tool_use` if there are tools and such a template, or else `default`.
    public func name(_ name: String?, hasTools: Bool) -> String {
        name ?? (hasTools && names.contains("tool_use") ? "tool_use" : Self.defaultName)
    }

    /// The template of a name, or the one that ``name(_:hasTools:)`` means without one.
    ///
    /// - Throws: ``TemplateError`` if there is no such template, or it cannot be read.
    public func template(named name: String? = nil, hasTools: Bool = false) throws(TemplateError) -> ChatTemplate {
        guard !isEmpty else {
            throw TemplateError(
                .messages, "the model has no chat template: give it a prompt instead of messages")
        }
        let wanted = self.name(name, hasTools: hasTools)
        guard let found = templates.last(where: { $0.name == wanted }) else {
            let known = names.sorted().joined(separator: ", ")
            throw TemplateError(
                .messages,
                name == nil
                    ? "the model has several chat templates and none is the default: choose one of \(known)"
                    : "the model has no chat template '\(wanted)', but \(known)")
        }
        return try found.template.get()
    }
}
