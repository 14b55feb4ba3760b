import PenstockJSON
import PenstockProtocolBuffers
import PenstockServing

extension InferMessage {
    /// The names of what the answer of a text that is told piece by piece needs.
    private static let ofStreams = ["stream", "triton_enable_empty_final_response"]

    /// The request as all forms of the protocol have it: the same fields are checked in the same way as in JSON.
    var request: InferRequest {
        get throws(ClientError) {
            var tensors: [JSONValue] = []
            guard raw.isEmpty || raw.count == inputs.count else {
                throw ClientError(
                    .invalidRequest,
                    "there are \(raw.count) raw_input_contents, but \(inputs.count) inputs; send those of all, or of none"
                )
            }
            for (index, input) in inputs.enumerated() where !Self.isStreamFlag(input) {
                tensors.append(try input.fields(at: index, rawBytes: raw.isEmpty ? nil : raw[index].count))
            }
            let outputs = outputs.map { output in
                JSONValue.object(
                    JSONObject([("name", .string(output.name)), ("parameters", .object(output.parameters))]))
            }
            var fields = JSONObject([("inputs", .array(tensors)), ("outputs", .array(outputs))])
            if !id.isEmpty { fields.append("id", .string(id)) }
            let own = parameters.entries.filter { !Self.ofStreams.contains($0.key) }
            fields.append("parameters", .object(JSONObject(own.map { ($0.key, $0.value) })))
            let bytes = zip(inputs, raw).filter { !Self.isStreamFlag($0.0) }.map(\.1)
            return try InferRequest(fields, raw.isEmpty ? nil : TensorBytes(bytes))
        }
    }

    private static func isStreamFlag(_ input: Tensor) -> Bool { input.name == "stream" && input.type == "BOOL" }

    /// True if the answer is to be told piece by piece: by the parameter `stream`, or a tensor of that name.
    var isStreamed: Bool {
        get throws(ClientError) {
            if try RequestFields(parameters).flag("stream") { return true }
            guard let index = inputs.firstIndex(where: Self.isStreamFlag) else { return false }
            if raw.indices.contains(index) { return raw[index].first.map { $0 != 0 } ?? false }
            return inputs[index].contents?.elements.first?.bool ?? false
        }
    }

    /// True if the answer is to end with a message that has nothing else.
    var wantsEmptyEnd: Bool {
        get throws(ClientError) { try RequestFields(parameters).flag("triton_enable_empty_final_response") }
    }
}

extension InferMessage.Tensor {
    /// The names of parameters that JSON has for what is elsewhere in a message.
    private static let ofJSON = ["binary_data_size"]

    /// The fields of the tensor as in JSON.
    ///
    /// - Parameters:
    ///   - index: its place
    ///   - rawBytes: the number of its bytes; nil if its elements are in ``contents``
    fileprivate func fields(at index: Int, rawBytes: Int?) throws(ClientError) -> JSONValue {
        var parameters = JSONObject(
            self.parameters.entries.filter { !Self.ofJSON.contains($0.key) }.map { ($0.key, $0.value) })
        var fields = JSONObject([("name", .string(name)), ("datatype", .string(type)), ("shape", .array(shape))])
        if let rawBytes {
            guard contents?.kinds.isEmpty ?? true else {
                throw ClientError(.invalidRequest, "inputs[\(index)] has both contents and raw_input_contents")
            }
            parameters.append("binary_data_size", .integer(rawBytes))
        } else {
            fields.append("data", .array(try elements(at: index)))
        }
        fields.append("parameters", .object(parameters))
        return .object(fields)
    }

    private func elements(at index: Int) throws(ClientError) -> [JSONValue] {
        guard let contents, let type = TensorType(rawValue: type) else { return [] }
        func invalid(_ fault: String) -> ClientError { ClientError(.invalidRequest, "inputs[\(index)] \(fault)") }
        guard let kind = type.contents else {
            throw invalid("is \(type.rawValue), which has no contents; send raw_input_contents")
        }
        guard contents.kinds.allSatisfy({ $0 == kind }) else {
            throw invalid("is \(type.rawValue), whose elements have to be in \(kind.rawValue)")
        }
        guard !contents.hasOther else { throw invalid("has an element that is no finite number") }
        return contents.elements
    }
}

extension InferAnswer {
    /// The message `ModelInferResponse`.
    ///
    /// - Parameters:
    ///   - tensors: of which those are told that the request wants
    ///   - parameters: writes those of the answer
    init(
        message tensors: [OutputTensor], to request: InferRequest, model: String,
        parameters: (inout MessageWriter) -> Void = { _ in }
    ) {
        let wanted = tensors.filter { request.outputs.isBinary($0.name) != nil }
        var writer = MessageWriter()
        writer.text(1, model)
        writer.text(2, OpenInference.version)
        writer.text(3, request.id ?? "")
        parameters(&writer)
        for tensor in wanted {
            writer.message(5) { writer in
                writer.text(1, tensor.name)
                writer.text(2, tensor.type.rawValue)
                writer.packed(3, tensor.shape.lazy.map { UInt64(bitPattern: Int64($0)) })
            }
        }
        for tensor in wanted { writer.element(6, tensor.bytes) }
        self.init(message: writer.bytes)
    }
}

extension MessageWriter {
    /// Writes an entry of a map of `InferParameter`.
    mutating func parameter(_ field: Int, _ name: String, _ write: (inout MessageWriter) -> Void) {
        message(field) { writer in
            writer.text(1, name, isChoice: true)
            writer.message(2, write)
        }
    }
}
