import HummingbirdCore
import NIOCore
import PenstockJSON
import PenstockServing

extension BodyForm {
    /// The call of a task that a body is.
    ///
    /// - Parameters:
    ///   - query: the parameters of the address, which count where the body has none
    ///   - alias: another name that the field `inputs` may have
    func call(_ body: ByteBufferView, query: JSONObject, alias: String? = nil) throws(ClientError) -> Call {
        let document = try document(body)
        guard case .json = self else {
            return Call(inputs: document, parameters: query, isOfInstances: false)
        }
        if let alias, document["inputs"] == nil, let inputs = document[alias] {
            return Call(
                inputs: inputs, parameters: try Self.parameters(document, query: query, beside: [alias]),
                isOfInstances: false)
        }
        let isOfInstances = document["inputs"] == nil && document["instances"]?.array != nil
        let inputNames = Self.ranking.allSatisfy { document[$0] != nil } ? Self.ranking : ["inputs", "instances"]
        return Call(
            inputs: try Self.inputs(document),
            parameters: try Self.parameters(document, query: query, beside: inputNames), isOfInstances: isOfInstances)
    }

    /// The fields of the inputs of text-ranking, which may also stand where `inputs` does.
    private static let ranking = ["query", "texts"]

    private static func inputs(_ document: JSONValue) throws(ClientError) -> JSONValue {
        if let inputs = document["inputs"] { return inputs }
        // An instance may be what a request by itself would be.
        if let instances = document["instances"]?.array { return .array(instances.map { $0["inputs"] ?? $0 }) }
        let fields = ranking.compactMap { name in document[name].map { (name, $0) } }
        guard fields.count == ranking.count else {
            throw ClientError(
                .invalidRequest, "the request has to be an object with \"inputs\" and, if need be, \"parameters\"")
        }
        return .object(JSONObject(fields))
    }

    /// - Parameter inputNames: the fields that are the inputs
    private static func parameters(
        _ document: JSONValue, query: JSONObject, beside inputNames: [String]
    ) throws(ClientError) -> JSONObject {
        var parameters = JSONObject()
        switch document["parameters"] {
        case nil, .null: parameters = query
        case .object(let nested): parameters = nested
        case .some(let other):
            throw ClientError(.invalidRequest, "parameters has to be an object, not \(other.kind)")
        }
        // Clients of hosted models say here what they want of caches and waiting, which changes no answer.
        if let options = document["options"], !options.isNull, options.object == nil {
            throw ClientError(.invalidRequest, "options has to be an object, not \(options.kind)")
        }
        let others = inputNames + ["parameters", "options"]
        let nested = document["parameters"]?.object?.valuesByKey
        for entry in document.object?.entries ?? [] where !others.contains(entry.key) {
            if let other = nested?[Array(entry.key.utf8)], other != entry.value {
                throw ClientError(
                    .invalidRequest,
                    "\(entry.key.excerpt) is given twice, in parameters and beside them, but differs; give it once")
            }
            parameters.append(entry.key, entry.value)
        }
        return parameters
    }
}

extension JSONObject {
    /// The values by the bytes of their keys, for who looks for as many as there are; of a repeated key the last one.
    fileprivate var valuesByKey: [[UInt8]: JSONValue] {
        Dictionary(entries.map { (Array($0.key.utf8), $0.value) }) { $1 }
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
