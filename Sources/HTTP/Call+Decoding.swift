import HummingbirdCore
import NIOCore
import PenstockJSON
import PenstockServing

extension BodyForm {
    /// The call of a task that a body is.
    ///
    /// - Parameter query: the parameters of the address, which count where the body has none
    func call(
        _ body: ByteBufferView, query: JSONObject, _ reservation: MemoryBudget.Reservation
    ) throws(ClientError) -> Call {
        let document = try document(body)
        guard case .json = self else {
            return Call(inputs: document, parameters: query, isOfInstances: false, reservation: reservation)
        }
        let (inputs, isOfInstances) = try Self.inputs(document)
        return Call(
            inputs: inputs, parameters: try Self.parameters(document, query: query), isOfInstances: isOfInstances,
            reservation: reservation)
    }

    private static func inputs(_ document: JSONValue) throws(ClientError) -> (inputs: JSONValue, isOfInstances: Bool) {
        if let inputs = document["inputs"] { return (inputs, false) }
        guard let instances = document["instances"]?.array else {
            throw ClientError(
                .invalidRequest, "the request has to be an object with \"inputs\" and, if need be, \"parameters\"")
        }
        // An instance may be what a request by itself would be.
        return (.array(instances.map { $0["inputs"] ?? $0 }), true)
    }

    private static func parameters(_ document: JSONValue, query: JSONObject) throws(ClientError) -> JSONObject {
        var parameters = JSONObject()
        switch document["parameters"] {
        case nil, .null: parameters = query
        case .object(let nested): parameters = nested
        case .some(let other):
            throw ClientError(.invalidRequest, "parameters has to be an object, not \(other.kind)")
        }
        try checkHostedOptions(document["options"])
        let known = ["inputs", "instances", "parameters", "options"]
        for entry in document.object?.entries ?? [] where !known.contains(entry.key) {
            parameters.append(entry.key, entry.value)
        }
        return parameters
    }

    /// What clients of hosted models say about caches and waiting has no meaning here, and changes no answer.
    private static func checkHostedOptions(_ options: JSONValue?) throws(ClientError) {
        guard let options, !options.isNull else { return }
        let known = ["use_cache", "use_gpu", "wait_for_model"]
        guard let object = options.object, object.entries.allSatisfy({ known.contains($0.key) && $0.value.bool != nil })
        else {
            throw ClientError(
                .invalidRequest, "options has to be an object of \(known.joined(separator: ", ")), each true or false")
        }
    }
}

extension URI {
    /// The parameters of the query, as the inference toolkit of Hugging Face reads them: digits are a number, `true` and
    /// `false` are what they say, and anything else is a text.
    var parameters: JSONObject {
        var parameters = JSONObject()
        for (name, value) in queryParameters { parameters.append(String(name), Self.value(String(value))) }
        return parameters
    }

    private static func value(_ text: String) -> JSONValue {
        switch text.lowercased() {
        case "true": .bool(true)
        case "false": .bool(false)
        default:
            if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(text) {
                .integer(number)
            } else {
                .string(text)
            }
        }
    }
}
