import PenstockJSON

/// The files that an index of shards names: the values of its `weight_map`.
package enum ShardIndex {
    /// Reads the names.
    ///
    /// - Parameters:
    ///   - bytes: the text of `model.safetensors.index.json` or `pytorch_model.bin.index.json`
    ///   - index: its path; shards lie beside it
    /// - Throws: ``HubError`` of the code `malformedAnswer`
    package static func shards(_ bytes: [UInt8], of index: RepositoryPath) throws(HubError) -> [RepositoryPath] {
        let fault = { (what: String) in HubError(.malformedAnswer, "\(index) \(what); the repository is damaged") }
        guard let map = (try? JSONValue(parsing: bytes, dialect: .python))?["weight_map"]?.object else {
            throw fault("is no index of shards: it has no weight_map")
        }
        var shards = Set<RepositoryPath>()
        for entry in map.entries {
            let name = entry.value.string ?? ""
            guard let path = RepositoryPath(index.folder.isEmpty ? name : "\(index.folder)/\(name)") else {
                throw fault("names a file that cannot be one, \(HubError.quoted(name))")
            }
            shards.insert(path)
        }
        guard !shards.isEmpty else { throw fault("names no files") }
        return shards.sorted()
    }
}
