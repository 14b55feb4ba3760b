/// The form in which the models of a family write calls of tools into their answers: objects of JSON with the name of
/// the tool and its arguments, and marks around them.
package enum ToolCallFormat: Sendable, Equatable {
    /// `<tool_call>{"name": …, "arguments": {…}}</tool_call>` for each call, as Hermes, Qwen and SmolLM have it.
    case hermes
    /// `{"name": …, "parameters": {…}}` as the whole answer, perhaps behind `<|python_tag|>`, and further ones behind
    /// semicolons, as Llama has it from 3.1 on.
    case llama
    /// `[TOOL_CALLS][{"name": …, "arguments": {…}}, …]`, as Mistral has it, and from its tokenizers of version 11 on
    /// `[TOOL_CALLS]name[ARGS]{…}` for each call, perhaps with `[CALL_ID]id` behind the name.
    case mistral
    /// `{"name": …, "arguments": {…}}` as the whole answer, which a structure can make any model write.
    case object

    /// The form of a family, by what its chat template says; nil if that is none of these.
    ///
    /// - Parameter literals: the words of the template
    package init?(literals: [String]) {
        func has(_ text: String) -> Bool { literals.contains { $0.contains(text) } }
        // Other families have the first mark, too, but no JSON behind it.
        if has("<tool_call>"), has(#""arguments""#) || has("'arguments'"), !has("<arg_key>"), !has("<function=") {
            self = .hermes
        } else if has("[TOOL_CALLS]") {
            self = .mistral
        } else if has("<|python_tag|>") || has(#"{"name": function name, "parameters": "#) {
            self = .llama
        } else {
            return nil
        }
    }

    /// The mark in front of calls.
    var opener: String? {
        switch self {
        case .hermes: "<tool_call>"
        case .llama: "<|python_tag|>"
        case .mistral: "[TOOL_CALLS]"
        case .object: nil
        }
    }

    /// The mark behind a call.
    var closer: String? { self == .hermes ? "</tool_call>" : nil }

    /// Characters that may stand before, between and behind calls, beside white space.
    var separators: String {
        switch self {
        case .hermes, .object: ""
        case .llama: ";"
        case .mistral: "[,]"
        }
    }

    /// True if the name of a tool may stand behind the opener, and the object behind it has the arguments alone.
    var namesTools: Bool { self == .mistral }

    /// The mark in front of the object of arguments, and one in front of the id of a call, behind the name of a tool.
    static let marksBehindName = (arguments: "[ARGS]", id: "[CALL_ID]")

    /// True if an answer that begins with an object may be a call without a mark.
    var beginsWithObject: Bool { self == .llama || self == .object }

    /// True if the marks are special tokens, which texts have only if these are not left out.
    package var marksAreSpecial: Bool { self == .llama || self == .mistral }
}
