/// The model that an adapter changes, as the adapter names it.
package struct AdapterBase: Sendable {
    /// A path, or the id of a repository on the Hub.
    package let name: String
    /// The revision on the Hub; nil for the newest.
    package let revision: String?

    /// - Returns: nil if there is no adapter in the directory, or it does not tell
    package init?(ofAdapterIn directory: String) throws(CheckpointError) {
        guard let config = try Adapter(directory: directory)?.config, let name = config.base, !name.isEmpty else {
            return nil
        }
        (self.name, revision) = (name, config.revision)
    }
}
