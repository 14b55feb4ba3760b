import NIOCore
import PenstockJSON
import PenstockPipelines

/// A request of the Open Inference Protocol to a model.
struct InferRequest: Sendable {
    let id: String?
    let inputs: [InputTensor]
    let outputs: RequestedOutputs
    /// The options of the task that are given as parameters.
    let parameters: JSONObject
    /// The time that the answer may take; nil if the request does not say.
    let timeout: Duration?

    /// Parameters of the protocol. Those of sequences and the priority change no answer.
    private static let ownParameters = [
        "sequence_id", "sequence_start", "sequence_end", "priority", "timeout", "binary_data_output",
    ]

    /// - Parameters:
    ///   - body: JSON, and behind it the bytes of tensors
    ///   - head: the bytes of the JSON; nil if the body has nothing else
    init(_ body: ByteBufferView, head: Int?) throws(ClientError) {
        guard head != 0 else {
            self = try InferRequest(text: body)
            return
        }
        guard head ?? 0 <= body.count else {
            throw ClientError(
                .invalidRequest,
                "Inference-Header-Content-Length is \(head ?? 0), but the body has only \(body.count) bytes")
        }
        let json = head.map { body.prefix($0) } ?? body
        guard let object = try BodyForm.json.document(json).object else {
            throw ClientError(.invalidRequest, "the request has to be a JSON object")
        }
        try self.init(object, head.map { TensorBytes([body.dropFirst($0)]) })
    }

    /// - Parameters:
    ///   - object: the fields of the request as in JSON
    ///   - bytes: those of the tensors that have a size of them; nil if the request has no such part
    init<Bytes>(_ object: JSONObject, _ bytes: TensorBytes<Bytes>?) throws(ClientError) {
        var bytes = bytes
        let fields = RequestFields(object)
        id = try fields.string("id")
        inputs = try Self.inputs(fields, &bytes)
        if let left = bytes?.count, left > 0 {
            throw ClientError(.invalidRequest, "the body has \(left) bytes that belong to no input")
        }
        let given = try fields.section("parameters")
        outputs = try RequestedOutputs(fields, areBinary: try given.flag("binary_data_output"))
        timeout = try given.integer("timeout", atLeast: 0).flatMap { $0 == 0 ? nil : .microseconds($0) }
        parameters = JSONObject(
            (object["parameters"]?.object?.entries ?? [])
                .filter { !Self.ownParameters.contains($0.key) && !$0.value.isNull }.map { ($0.key, $0.value) })
    }

    /// A request that is nothing but the text of its only input.
    private init(text body: ByteBufferView) throws(ClientError) {
        guard let text = String(validating: body, as: UTF8.self) else {
            throw ClientError(.invalidUTF8, "the request body is not UTF-8")
        }
        inputs = [InputTensor("text", text: text)]
        (id, outputs, parameters, timeout) = (nil, RequestedOutputs(), JSONObject(), nil)
    }

    private static func inputs<Bytes>(
        _ fields: RequestFields, _ bytes: inout TensorBytes<Bytes>?
    ) throws(ClientError) -> [InputTensor] {
        let expected = "a list of objects"
        let elements = try fields.require(fields.value("inputs", expected, \.array), "inputs", expected)
        guard !elements.isEmpty else { throw ClientError(.emptyInputs, "inputs is an empty list") }
        var inputs: [InputTensor] = []
        var names: Set<String> = []
        for (index, element) in elements.enumerated() {
            guard let object = element.object else { throw fields.invalid("inputs", expected) }
            let path = "inputs[\(index)]"
            let input = try InputTensor(RequestFields(object, path: "\(path)."), path: path, from: &bytes)
            guard names.insert(input.name).inserted else {
                throw ClientError(.invalidRequest, "there are two inputs \(input.name.excerpt)")
            }
            inputs.append(input)
        }
        return inputs
    }
}

extension InferRequest {
    /// The same as a call of a task, to tell which task it is for.
    var call: Call {
        let names = JSONObject(inputs.map { ($0.name, .null) })
        return Call(
            inputs: .object(names),
            parameters: JSONObject((names.entries + parameters.entries).map { ($0.key, $0.value) }),
            isOfInstances: false)
    }

    /// The inputs of a task, and its options.
    ///
    /// An input by the name of an option is one, unless it is the only input. The only other input may have any name if the
    /// task takes one.
    func asked<Task: TensorForm>(of _: Task.Type) throws(ClientError) -> (items: [JSONValue], options: JSONObject) {
        let forms = Task.inputForms
        let kinds = Task.options.descriptions
        var (texts, options): ([InputTensor], JSONObject) = ([], parameters)
        for input in inputs {
            let isText = inputs.count == 1 || forms.contains { $0.contains { $0.name == input.name } }
            guard !isText, let option = kinds.first(where: { $0.name == input.name }) else {
                texts.append(input)
                continue
            }
            guard options[input.name] == nil else {
                throw ClientError(.invalidRequest, "\(input.name) is given twice: as an input and as a parameter")
            }
            options.append(input.name, input.value(of: option.kind))
        }
        let names = Set(texts.map(\.name))
        let form =
            forms.first { Set($0.map(\.name)) == names } ?? (texts.count == 1 ? forms.first { $0.count == 1 } : nil)
        guard let form else {
            let known = forms.map { $0.map(\.name).joined(separator: " and ") }.joined(separator: ", or ")
            throw ClientError(
                .invalidRequest,
                "the model takes the inputs \(known), not \(texts.map(\.name.excerpt).joined(separator: ", "))")
        }
        return (try Self.items(texts, form), options)
    }

    /// The inputs of the task one by one: with a part that is a list there is one of them, else one for each row.
    private static func items(_ tensors: [InputTensor], _ form: [InputPart]) throws(ClientError) -> [JSONValue] {
        guard form.count > 1 else { return try tensors.first?.texts ?? [] }
        let hasList = form.contains(where: \.isList)
        var parts: [(name: String, isList: Bool, texts: [JSONValue])] = []
        for part in form {
            guard let tensor = tensors.first(where: { $0.name == part.name }) else { continue }
            parts.append((part.name, part.isList, try tensor.texts))
        }
        let count = hasList ? 1 : parts.first?.texts.count ?? 0
        for part in parts where !part.isList && part.texts.count != count {
            throw ClientError(
                .invalidRequest, "the input \(part.name) has \(part.texts.count) elements, but has to have \(count)")
        }
        return (0..<count).map { index in
            .object(JSONObject(parts.map { ($0.name, $0.isList ? .array($0.texts) : $0.texts[index]) }))
        }
    }
}
