/// The facts that the Hub tells of a file: the answer to HEAD (`get_hf_file_metadata` in huggingface_hub).
struct FileMetadata: Sendable, Equatable {
    /// The name of the blob.
    let etag: String
    /// Bytes; nil if the answer does not tell.
    let size: Int?
    /// The address of the bytes.
    let location: HubURL

    /// - Parameters:
    ///   - url: what was asked last
    ///   - commit: what was asked for
    /// - Throws: ``HubError`` of the code `malformedAnswer` if fields are missing or of another commit
    init(_ head: AnswerHead, asked url: HubURL, for path: RepositoryPath, at commit: Commit) throws(HubError) {
        let fault = { (what: String) in
            HubError(
                .malformedAnswer,
                "\(url.origin) answers for \(path) \(what); check HF_ENDPOINT, the proxy and the firewall")
        }
        guard let found = head.commit else { throw fault("without X-Repo-Commit, as no Hub does") }
        guard found == commit else { throw fault("with another commit than was asked for") }
        guard let etag = head.etag else { throw fault("without an ETag that could name a file") }
        self.etag = etag
        size = head.size
        if let next = head.location {
            guard let location = url.resolving(next), location.origin.isSecure || !url.origin.isSecure else {
                throw fault("with a Location that is no address")
            }
            self.location = location
        } else {
            location = url
        }
    }

    init(etag: String, size: Int?, location: HubURL) { (self.etag, self.size, self.location) = (etag, size, location) }
}
