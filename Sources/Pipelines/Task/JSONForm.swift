import PenstockJSON

/// A task as clients speak to it: how an input is written in JSON, how an output is, and how lists of them nest.
///
/// Lists, their order, and the checks of options are the same for all tasks, and found in ``prepare(_:parameters:as:in:)``.
package protocol JSONForm: TaskSteps {
    /// Names, kinds, bounds and defaults of the options.
    static var options: OptionTable<Options> { get }

    /// The schemas of an input and of an output.
    static var schemas: TaskSchemas { get }

    /// Returns the nesting of the answers to such inputs.
    static func nesting(of inputs: JSONValue, _ options: Options) -> Nesting

    /// Returns how many texts inputs have at least, and their bytes.
    static func textSize(of inputs: JSONValue) -> TextSize

    /// The options that hosted models have if nobody says anything.
    static var hostedDefaults: Options { get }

    /// Returns the nesting that hosted models have for the answers to such inputs.
    static func hostedNesting(of inputs: JSONValue, _ options: Options) -> Nesting

    /// Reads an input.
    ///
    /// - Parameter name: what messages call it.
    static func input(_ value: JSONValue, named name: InputName, _ options: Options) throws(PipelineError) -> Input

    /// Writes the output of one input: one JSON value.
    ///
    /// - Parameter scope: asked between elements, so that a long answer ends when nobody waits for it.
    static func write(
        _ output: Output, _ options: Options, into writer: inout JSONWriter, in scope: RequestScope
    ) throws(PipelineError)
}

/// A set of defaults and nesting that a request is answered with.
package enum JSONShape: Sendable {
    /// Those of `transformers.pipeline`.
    case pipeline
    /// Those of the models that Hugging Face hosts, which its clients rely on.
    case hosted
}

/// A rule by which answers follow the nesting of their inputs.
package struct Nesting: Sendable {
    /// A wrapping that stands around an answer.
    package enum Wrapping: Sendable {
        case none
        case list
    }

    /// True if the inputs are a list of inputs; if not, they are one input.
    package var isList: Bool
    /// Around the answer to an input that is not in a list.
    package var single = Wrapping.none
    /// Around the answer to the one input of a list.
    package var listOfOne = Wrapping.list

    /// An array is a list of inputs, anything else is an input; a list is answered with a list.
    package init(of inputs: JSONValue) { isList = inputs.array != nil }
}

extension JSONForm {
    /// The descriptions of the options for users.
    static var optionDescriptions: [OptionDescription] { options.descriptions }

    package static func nesting(of inputs: JSONValue, _ options: Options) -> Nesting { Nesting(of: inputs) }

    package static func textSize(of inputs: JSONValue) -> TextSize { inputs.textSize }

    package static var hostedDefaults: Options { Options() }

    package static func hostedNesting(of inputs: JSONValue, _ options: Options) -> Nesting {
        nesting(of: inputs, options)
    }

    /// Checks and tokenizes a request.
    ///
    /// - Parameters:
    ///   - inputs: what the task takes: a text, a list of texts, …
    ///   - parameters: its options by name
    ///   - shape: whose defaults and nesting it is answered with
    ///   - scope: asked between inputs
    /// - Returns: a request whose result is JSON text.
    /// - Throws: ``PipelineError`` for whatever the task cannot take, and for an answer that would be too large.
    package func prepare(
        _ inputs: JSONValue, parameters: JSONObject, as shape: JSONShape = .pipeline, in scope: RequestScope
    ) async throws(PipelineError) -> PreparedRequest<[UInt8]> {
        let isHosted = shape == .hosted
        let options = try Self.options(parameters, as: shape)
        let nesting = isHosted ? Self.hostedNesting(of: inputs, options) : Self.nesting(of: inputs, options)
        let typed = try Self.inputs(inputs, nesting, options)
        let isWrapped =
            switch (nesting.isList, typed.count) {
            case (false, _): nesting.single == .list
            case (true, 1): nesting.listOfOne == .list
            case (true, _): true
            }
        do throws(PipelineError) {
            return try await prepare(typed, options, in: scope) { (outputs, scope) throws(PipelineError) in
                func write(_ writer: inout JSONWriter) throws(PipelineError) {
                    for index in outputs.indices {
                        try Self.write(outputs.output(at: index, in: scope), options, into: &writer, in: scope)
                    }
                }
                var writer = JSONWriter()
                if isWrapped { try writer.array(write) } else { try write(&writer) }
                return writer.finish()
            }
        } catch {
            // Of several inputs it says which.
            throw typed.count == 1 ? error.about((nesting.isList ? InputName.element(0) : .inputs).description) : error
        }
    }

    /// Checks options without any input.
    ///
    /// - Throws: ``PipelineError`` for those with which no input can be answered.
    func check(parameters: JSONObject) async throws(PipelineError) {
        let options = try Self.options(parameters, as: .pipeline)
        _ = try await plan(options, in: .unbounded)
    }

    /// The options that a client sent, above the defaults of a shape.
    static func options(_ parameters: JSONObject, as shape: JSONShape) throws(PipelineError) -> Options {
        try options.parse(parameters, onto: shape == .hosted ? hostedDefaults : Options())
    }

    private static func inputs(
        _ value: JSONValue, _ nesting: Nesting, _ options: Options
    ) throws(PipelineError) -> [Input] {
        guard nesting.isList, let elements = value.array else { return [try input(value, named: .inputs, options)] }
        guard !elements.isEmpty else { throw PipelineError(.invalidInputs, "inputs is an empty list") }
        var inputs: [Input] = []
        for (index, element) in elements.enumerated() {
            inputs.append(try input(element, named: .element(index), options))
        }
        return inputs
    }
}

/// A name that messages have for an input: `inputs`, or `inputs[3]`.
package enum InputName: Sendable, CustomStringConvertible {
    case inputs
    case element(Int)

    package var description: String {
        switch self {
        case .inputs: "inputs"
        case .element(let index): "inputs[\(index)]"
        }
    }

    /// Returns what an input has to be: in a list, by itself.
    func expected(_ kind: String) -> String {
        if case .inputs = self { "\(kind), or a list of such" } else { kind }
    }
}

extension JSONValue {
    /// The value as a text.
    ///
    /// - Parameters:
    ///   - name: what messages call it
    ///   - expected: what they say it has to be
    func text(
        named name: @autoclosure () -> String, expected: @autoclosure () -> String = "a text"
    ) throws(PipelineError) -> String {
        guard let string else {
            throw PipelineError(.invalidInputs, "\(name()) has to be \(expected()), not \(excerpt)")
        }
        return string
    }

    /// The value as an input that is a text.
    func text(named name: InputName, expected: String = "a text") throws(PipelineError) -> String {
        try text(named: name.description, expected: name.expected(expected))
    }
}
