/// The address of the bytes of a file, for all who fetch parts of it: the Hub names an address that serves for some
/// time.
actor BlobLocation {
    private(set) var url: HubURL
    private let etag: String
    private let ask: @Sendable () async throws -> FileMetadata

    /// - Parameter ask: asks the Hub again
    init(_ metadata: FileMetadata, ask: @escaping @Sendable () async throws -> FileMetadata) {
        (url, etag, self.ask) = (metadata.location, metadata.etag, ask)
    }

    /// Asks for a new address, unless somebody has done so since.
    ///
    /// - Parameter expired: the address that serves no more
    /// - Throws: ``HubError``
    func renew(_ expired: HubURL) async throws {
        guard url == expired else { return }
        let metadata = try await ask()
        guard metadata.etag == etag else {
            throw HubError(.malformedAnswer, "the Hub names another file than before for the same commit; try again")
        }
        url = metadata.location
    }
}
