import PenstockJSON
import PenstockPipelines

/// The tensors that a request wants of an answer, and how they are sent.
struct RequestedOutputs: Sendable {
    private struct Output: Sendable {
        let name: String
        let isBinary: Bool
    }

    /// Nil for all.
    private let named: [Output]?
    /// True if those that nobody names are sent as bytes.
    private let areBinary: Bool

    /// All, as JSON.
    init() { (named, areBinary) = (nil, false) }

    /// - Parameter areBinary: whether they are sent as bytes unless something else is said of one
    init(_ fields: RequestFields, areBinary: Bool) throws(ClientError) {
        self.areBinary = areBinary
        guard let elements = try fields.value("outputs", "a list of objects", \.array), !elements.isEmpty else {
            named = nil
            return
        }
        var named: [Output] = []
        for (index, element) in elements.enumerated() {
            guard let object = element.object else { throw fields.invalid("outputs", "a list of objects") }
            let output = RequestFields(object, path: "outputs[\(index)].")
            let parameters = try output.section("parameters")
            try parameters.refuseSharedMemory()
            if parameters["classification"] != nil {
                throw parameters.invalid("classification", "left out; labels are an output of their own")
            }
            named.append(
                Output(
                    name: try output.require(output.string("name"), "name", "a string"),
                    isBinary: try parameters.flag("binary_data", default: areBinary)))
        }
        self.named = named
    }

    /// - Throws: ``ClientError`` if the task does not give what is wanted.
    func check(_ given: [TensorDescription]) throws(ClientError) {
        let names = given.map(\.name)
        guard let unknown = named?.first(where: { !names.contains($0.name) }) else { return }
        throw ClientError(
            .invalidRequest,
            "there is no output \(unknown.name.excerpt); there are: \(names.joined(separator: ", "))")
    }

    /// Returns true for an output that is sent as bytes; nil for one that is not sent.
    func isBinary(_ name: String) -> Bool? {
        guard let named else { return areBinary }
        return named.first { $0.name == name }?.isBinary
    }
}
