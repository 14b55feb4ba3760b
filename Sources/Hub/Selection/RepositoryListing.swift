import PenstockJSON

/// The files of a revision, as `GET /api/models/{id}/revision/{revision}?blobs=true` lists them.
package struct RepositoryListing: Sendable {
    /// The commit that the revision stands for now.
    package let commit: Commit
    /// All files.
    package let names: [RepositoryPath]
    /// Bytes of the files, where the list tells.
    package let sizes: [RepositoryPath: Int]

    /// - Parameters:
    ///   - bytes: the body of the answer
    ///   - limit: the files beyond which a list is refused
    /// - Throws: ``HubError`` of the code `malformedAnswer`
    package init(_ bytes: [UInt8], atMost limit: Int) throws(HubError) {
        guard let value = try? JSONValue(parsing: bytes) else { throw Self.fault("is no JSON") }
        guard let commit = value["sha"]?.string.flatMap(Commit.init) else { throw Self.fault("names no commit") }
        guard let siblings = value["siblings"]?.array else { throw Self.fault("lists no files") }
        guard siblings.count <= limit else {
            throw Self.fault("lists \(siblings.count) files, of which no more than \(limit) are taken")
        }
        var names: [RepositoryPath] = []
        var seen = Set<RepositoryPath>()
        var sizes: [RepositoryPath: Int] = [:]
        for sibling in siblings {
            let name = sibling["rfilename"]?.string ?? ""
            guard let path = RepositoryPath(name) else {
                throw Self.fault("names a file that would lie elsewhere, \(HubError.quoted(name))")
            }
            if seen.insert(path).inserted { names.append(path) }
            if let size = (sibling["lfs"]?["size"] ?? sibling["size"])?.integer, size >= 0 { sizes[path] = size }
        }
        (self.commit, self.names, self.sizes) = (commit, names, sizes)
    }

    private static func fault(_ what: String) -> HubError {
        HubError(.malformedAnswer, "the Hub's answer \(what); check HF_ENDPOINT and the proxy, or try again later")
    }
}
