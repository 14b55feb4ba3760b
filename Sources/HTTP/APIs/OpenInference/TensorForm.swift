import PenstockJSON
import PenstockPipelines

/// A part of the input of a task, as a tensor of texts.
struct InputPart: Sendable {
    let name: String
    /// True if all elements of the tensor belong to one input.
    var isList = false

    init(_ name: String, isList: Bool = false) { (self.name, self.isList) = (name, isList) }
}

/// A task as clients of the Open Inference Protocol speak to it: which tensors it takes and gives.
protocol TensorForm: JSONForm {
    /// The alternatives of which tensors an input is made of.
    static var inputForms: [[InputPart]] { get }

    /// The tensors that it gives; of those that not every request has, all.
    static var outputTensors: [TensorDescription] { get }

    /// - Throws: `PipelineError` for options that cannot be, and for those that say how an answer is written in JSON.
    static func tensorOptions(_ parameters: JSONObject) throws(PipelineError) -> Options

    /// Makes tensors of the outputs.
    static func tensors(
        of outputs: Outputs<Self>, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> [OutputTensor]
}

extension TensorForm {
    /// A text.
    static var inputForms: [[InputPart]] { [[InputPart("text")]] }

    /// JSON, a text for each input.
    static var outputTensors: [TensorDescription] { [TensorDescription("output", .bytes)] }

    static func tensorOptions(_ parameters: JSONObject) throws(PipelineError) -> Options {
        try options.parse(parameters)
    }

    static func tensors(
        of outputs: Outputs<Self>, _ options: Options, in scope: RequestScope
    ) throws(PipelineError) -> [OutputTensor] {
        var texts: [String] = []
        for index in outputs.indices {
            var writer = JSONWriter()
            try write(outputs.output(at: index, in: scope), options, into: &writer, in: scope)
            texts.append(String(decoding: writer.finish(), as: UTF8.self))
        }
        return [OutputTensor("output", shape: [texts.count], .texts(texts))]
    }

    /// The tensors that it takes, those of all alternatives.
    static var inputTensors: [TensorDescription] {
        var names: [String] = []
        for part in inputForms.joined() where !names.contains(part.name) { names.append(part.name) }
        return names.map { TensorDescription($0, .bytes) }
    }

    /// The outputs of all inputs.
    static func all(_ outputs: Outputs<Self>, in scope: RequestScope) throws(PipelineError) -> [Output] {
        var all: [Output] = []
        for index in outputs.indices { all.append(try outputs.output(at: index, in: scope)) }
        return all
    }
}
