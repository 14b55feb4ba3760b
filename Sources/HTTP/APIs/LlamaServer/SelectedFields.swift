import PenstockJSON

/// The fields of an answer of llama-server that `response_fields` asks for, by paths such as `timings/prompt_n`, under
/// which they are told.
struct SelectedFields: Sendable {
    private let paths: [String]

    /// - Returns: nil if a request says nothing of it.
    init?(_ fields: RequestFields) throws(ClientError) {
        let expected = "a list of up to 100 strings"
        let paths = try fields.value("response_fields", expected) { value -> [String]? in
            guard let elements = value.array, elements.count <= 100 else { return nil }
            let paths = elements.compactMap(\.string)
            return paths.count == elements.count ? paths : nil
        }
        guard let paths else { return nil }
        self.paths = paths
    }

    /// The fields of an object that are asked for, those alone that it has.
    func fields(of object: JSONObject) -> JSONObject {
        var found = JSONObject()
        for path in paths where found[path] == nil {
            var value: JSONValue? = .object(object)
            for key in path.split(separator: "/", omittingEmptySubsequences: false) { value = value?[String(key)] }
            if let value { found.append(path, value) }
        }
        return found
    }
}

extension JSONWriter {
    /// Writes an object, of which only the selected fields are told; all of them without a selection.
    mutating func object(of selection: SelectedFields?, _ write: (inout JSONWriter) -> Void) {
        guard let selection else { return object(write) }
        var whole = JSONWriter()
        whole.object(write)
        let object = (try? JSONValue(parsing: whole.finish()))?.object ?? JSONObject()
        value(.object(selection.fields(of: object)))
    }
}
