import PenstockJSON

/// The schemas of what a task takes and gives, for descriptions of it that programs read.
package struct TaskSchemas: Sendable, Equatable {
    /// One input.
    package let input: JSONSchema
    /// The answer to one input.
    package let output: JSONSchema

    /// The schemas of a task.
    package init(input: JSONSchema, output: JSONSchema) { (self.input, self.output) = (input, output) }

    /// True if an input may be a text.
    package var takesText: Bool {
        let kinds = [input.json] + (input.json["anyOf"]?.array ?? [])
        return kinds.contains { $0["type"]?.string == "string" }
    }

    /// A text.
    static let text = JSONSchema.string.described(as: "A text.")

    /// `{"label", "score"}`.
    static let label = JSONSchema.object(["label": .string, "score": .number])

    /// A text, or one and those that it is compared with.
    static let sentence = JSONSchema.any(
        of: text, .object(["source_sentence": .string, "sentences": .strings], others: nil))
}

/// A task as users are told of it.
package struct TaskDescription: Sendable {
    /// Its names, of which the first is that of `transformers`.
    package let names: [String]
    package let options: [OptionDescription]
    package let schemas: TaskSchemas

    /// The first of its names.
    package var name: String { names.first ?? "" }
}

extension TaskRegistry {
    /// The description of a task; nil for one that has no name.
    package static func description(of task: any TaskSteps.Type) -> TaskDescription? {
        all.first { $0.type == task }.map(description)
    }

    /// The descriptions of all tasks.
    package static var descriptions: [TaskDescription] { all.map(description) }

    private static func description(_ entry: Entry) -> TaskDescription {
        TaskDescription(names: entry.names, options: entry.type.optionDescriptions, schemas: entry.type.schemas)
    }
}
