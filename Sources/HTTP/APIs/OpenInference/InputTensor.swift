import PenstockJSON
import PenstockPipelines

/// A tensor of a request.
struct InputTensor: Sendable {
    let name: String
    let type: TensorType
    let shape: [Int]
    /// The elements, row after row.
    let elements: [JSONValue]

    private static let mostDimensions = 16

    /// A text.
    init(_ name: String, text: String) { (self.name, type, shape, elements) = (name, .bytes, [1], [.string(text)]) }

    /// - Parameters:
    ///   - path: what messages call the tensor
    ///   - bytes: those beside the fields; nil if the request has no such part
    init<Bytes>(_ fields: RequestFields, path: String, from bytes: inout TensorBytes<Bytes>?) throws(ClientError) {
        name = try fields.require(fields.string("name"), "name", "a string")
        let types = TensorType.allCases.map(\.rawValue).joined(separator: ", ")
        type = try fields.require(
            fields.value("datatype", "one of \(types)") { $0.string.flatMap(TensorType.init) }, "datatype", types)
        let expected = "a list of at most \(Self.mostDimensions) integers that are not negative"
        shape = try fields.require(fields.value("shape", expected, Self.shape), "shape", expected)
        let count = shape.reduce(1, AnswerSize.product)
        let parameters = try fields.section("parameters")
        try parameters.refuseSharedMemory()
        guard let size = try parameters.integer("binary_data_size", atLeast: 0) else {
            elements = try Self.elements(fields, path, type, count)
            return
        }
        guard fields["data"] == nil else {
            throw ClientError(.invalidRequest, "\(path) has both data and a binary_data_size; give one of them")
        }
        guard bytes != nil else {
            throw ClientError(
                .invalidRequest, "\(path) has a binary_data_size, but the request no Inference-Header-Content-Length")
        }
        elements = try bytes?.elements(type, bytes: size, count: count, of: path) ?? []
    }

    private static func shape(_ value: JSONValue) -> [Int]? {
        guard let dimensions = value.array, dimensions.count <= mostDimensions else { return nil }
        let shape = dimensions.compactMap { $0.integer.flatMap { $0 >= 0 ? $0 : nil } }
        return shape.count == dimensions.count ? shape : nil
    }

    /// The elements of the field `data`, nested or not.
    private static func elements(
        _ fields: RequestFields, _ path: String, _ type: TensorType, _ count: Int
    ) throws(ClientError) -> [JSONValue] {
        guard type != .bfloat16 else {
            throw ClientError(.invalidRequest, "\(path) is BF16, which has no form in JSON; send its bytes")
        }
        let data = try fields.require(fields.value("data", "a list", \.array), "data", "a list")
        var elements: [JSONValue] = []
        func append(_ values: [JSONValue]) throws(ClientError) {
            for value in values {
                if let nested = value.array {
                    try append(nested)
                } else if let element = type.element(value) {
                    elements.append(element)
                } else {
                    throw ClientError(
                        .invalidRequest, "\(path).data has \(value.excerpt), which is no \(type.rawValue)")
                }
            }
        }
        try append(data)
        guard elements.count == count else {
            throw ClientError(
                .invalidRequest, "\(path).data has \(elements.count) elements, but its shape is for \(count)")
        }
        return elements
    }
}

extension InputTensor {
    /// The texts of a tensor `[N]` or `[N, 1]`, at least one.
    var texts: [JSONValue] {
        get throws(ClientError) {
            guard type == .bytes else {
                throw ClientError(.invalidRequest, "the input \(name.excerpt) has to be BYTES, not \(type.rawValue)")
            }
            guard shape.count == 1 || shape.count == 2 && shape[1] == 1 else {
                throw ClientError(
                    .invalidRequest, "the input \(name.excerpt) has to have the shape [N] or [N, 1], not \(shape)")
            }
            guard !elements.isEmpty else {
                throw ClientError(.emptyInputs, "the input \(name.excerpt) has no elements")
            }
            return elements
        }
    }

    /// The value of an option that the tensor is: its element, or the list of them.
    ///
    /// - Parameter kind: what the option takes
    func value(of kind: OptionDescription.Kind) -> JSONValue {
        switch kind {
        case .texts, .textList: .array(elements)
        default: elements.count == 1 ? elements[0] : .array(elements)
        }
    }
}

extension RequestFields {
    /// Refuses parameters of a tensor that say where in the memory of this machine it is.
    func refuseSharedMemory() throws(ClientError) {
        for name in ["shared_memory_region", "shared_memory_byte_size", "shared_memory_offset"] where self[name] != nil
        {
            throw invalid(name, "left out; this server has no shared memory")
        }
    }
}
