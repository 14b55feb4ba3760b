import PenstockJSON
import PenstockPipelines

extension RequestFields {
    /// Reads options of `generate`, which have their bounds and forms under any name.
    ///
    /// - Parameter names: the fields, and the name that `generate` has for each
    func read(
        _ names: KeyValuePairs<String, String>, into options: inout GenerationOptions
    ) throws(ClientError) {
        for (field, name) in names {
            guard let value = self[field] else { continue }
            do throws(PipelineError) {
                try GenerationOptions.options.read(name, value, into: &options)
            } catch {
                throw invalid(field, GenerationOptions.options.expected(of: name))
            }
        }
    }

    /// Reads the tokens that penalties look back on, as llama.cpp and Ollama have them, once the penalties were read:
    /// -1 for the whole text, as it is here, and 0 for none.
    func readPenaltyWindow(into options: inout GenerationOptions) throws(ClientError) {
        let window = try value("repeat_last_n", "an integer", \.integer)
        let penalties = [
            (options.repetitionPenalty ?? 1) - 1, options.presencePenalty ?? 0, options.frequencyPenalty ?? 0,
        ]
        guard let window, window != -1, penalties.contains(where: { $0 != 0 }) else { return }
        guard window == 0 else {
            throw unsupported("repeat_last_n", "penalties look back on the whole text; set it to -1, or leave it out")
        }
        (options.repetitionPenalty, options.presencePenalty, options.frequencyPenalty) = (1, 0, 0)
    }

    /// An integer within bounds.
    func integer(_ name: String, in range: ClosedRange<Int>) throws(ClientError) -> Int? {
        try value(name, "an integer from \(range.lowerBound) to \(range.upperBound)") { value in
            value.integer.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number within bounds.
    func number(_ name: String, in range: ClosedRange<Int>) throws(ClientError) -> Double? {
        try value(name, "a number from \(range.lowerBound) to \(range.upperBound)") { value in
            value.double.flatMap { Double(range.lowerBound)...Double(range.upperBound) ~= $0 ? $0 : nil }
        }
    }

    /// A seed: any integer of 64 bits.
    func seed(_ name: String = "seed") throws(ClientError) -> UInt64? {
        try value(name, "an integer") { $0.integer.map { UInt64(bitPattern: Int64($0)) } }
    }

    /// The ids of tokens of a list, of whatever vocabulary.
    func tokenIDs(_ name: String) throws(ClientError) -> [Int32]? {
        try value(name, "a list of up to 1000 token ids") { value in
            guard let elements = value.array, elements.count <= 1000 else { return nil }
            let ids = elements.compactMap { $0.integer.flatMap(Int32.init(exactly:)) }
            return ids.count == elements.count ? ids : nil
        }
    }

    /// The objects of a list, each with its path; nil without the field.
    func objects(_ name: String, _ expected: String = "a list of objects") throws(ClientError) -> [RequestFields]? {
        guard let elements = try value(name, expected, \.array) else { return nil }
        var all: [RequestFields] = []
        all.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            all.append(try fields(of: element, "\(name)[\(index)]"))
        }
        return all
    }

    /// The fields of a value that has to be an object.
    ///
    /// - Parameter name: what messages call it
    func fields(of value: JSONValue, _ name: String) throws(ClientError) -> RequestFields {
        guard let object = value.object else {
            throw ClientError(
                .invalidRequest, "\(path)\(name) has to be an object, not \(value.kind)", parameter: path + name)
        }
        return RequestFields(object, path: "\(path)\(name).")
    }

    /// The error of a field that is there, although what it asks for is not done.
    func unsupported(_ name: String, _ reason: String) -> ClientError {
        ClientError(.invalidRequest, "\(path)\(name): \(reason)", parameter: path + name)
    }
}
