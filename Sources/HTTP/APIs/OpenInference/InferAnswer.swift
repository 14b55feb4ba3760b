import HTTPTypes
import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// The body of an answer of the Open Inference Protocol.
struct InferAnswer: Sendable {
    /// JSON, and behind it the bytes of the tensors that are sent as such; or a message.
    let bytes: [UInt8]
    /// The bytes of the JSON; nil if there is nothing else.
    let head: Int?

    /// - Parameter message: a message of Protocol Buffers
    init(message: [UInt8]) { (bytes, head) = (message, nil) }

    /// - Parameter tensors: of which those are told that the request wants
    init(_ tensors: [OutputTensor], to request: InferRequest, model: String) {
        var tail: [UInt8] = []
        var isBinary = false
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("model_name")
            writer.value(model)
            writer.key("model_version")
            writer.value(OpenInference.version)
            if let id = request.id {
                writer.key("id")
                writer.value(id)
            }
            writer.key("outputs")
            writer.array { writer in
                for tensor in tensors {
                    guard let isSentAsBytes = request.outputs.isBinary(tensor.name) else { continue }
                    let bytes = isSentAsBytes ? tensor.bytes : nil
                    writer.object { $0.fields(of: tensor, bytes: bytes?.count) }
                    tail += bytes ?? []
                    isBinary = isBinary || isSentAsBytes
                }
            }
        }
        let json = writer.finish()
        (bytes, head) = (json + tail, isBinary ? json.count : nil)
    }
}

extension JSONWriter {
    /// - Parameter bytes: how many the tensor has behind the JSON; nil for its elements
    fileprivate mutating func fields(of tensor: OutputTensor, bytes: Int?) {
        key("name")
        value(tensor.name)
        key("datatype")
        value(tensor.type.rawValue)
        key("shape")
        array { for dimension in tensor.shape { $0.value(dimension) } }
        guard let bytes else {
            key("data")
            return tensor.writeData(into: &self)
        }
        key("parameters")
        object { writer in
            writer.key("binary_data_size")
            writer.value(bytes)
        }
    }
}

extension ServedModel {
    /// Answers a request of the Open Inference Protocol by a task.
    func answer<Task: TensorForm>(
        _ request: InferRequest, by task: Task, for client: Client, in memory: MemoryBudget,
        write: @escaping @Sendable (_ tensors: [OutputTensor], _ model: String) -> InferAnswer
    ) async throws -> Answer<InferAnswer> {
        let (items, parameters) = try request.asked(of: Task.self)
        try request.outputs.check(Task.outputTensors)
        let options = try Task.tensorOptions(parameters)
        let inputs = try Task.inputs(items, options)
        let answer = try await answer(texts: Task.textSize(of: .array(items)), for: client, in: memory) {
            (scope) async throws(PipelineError) in
            try await task.prepare(inputs, options, in: scope) { [name] (outputs, scope) throws(PipelineError) in
                write(try Task.tensors(of: outputs, options, in: scope), name)
            }
        }
        answer.reservation.shrink(to: answer.result.bytes.count)
        return answer
    }
}

extension JSONForm {
    /// The inputs of a list.
    static func inputs(_ items: [JSONValue], _ options: Options) throws(PipelineError) -> [Input] {
        var inputs: [Input] = []
        inputs.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            inputs.append(try input(item, named: .element(index), options))
        }
        return inputs
    }
}

extension Response {
    init(_ answer: ServedModel.Answer<InferAnswer>) {
        let (body, timing) = (answer.result, answer.timing)
        var headers: HTTPFields = [:]
        headers[.contentType] = body.head == nil ? "application/json" : "application/octet-stream"
        headers[.inferenceHeader] = body.head.map(String.init)
        self.init(body.bytes, headers: headers, holding: answer.reservation)
        self.headers.addServerTiming("queue", timing.queue)
        self.headers.addServerTiming("inference", timing.inference)
    }
}

extension HTTPField.Name {
    /// The number of the bytes of JSON before those of tensors.
    package static let inferenceHeader = known("Inference-Header-Content-Length")
}
