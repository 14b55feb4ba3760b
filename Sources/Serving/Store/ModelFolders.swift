/// The folders of a model's files: its own, and if it is an adapter, that of its base.
package struct ModelFolders: Sendable {
    /// The folder of the model.
    package let directory: String
    /// The folder of the base; nil if the model is no adapter, or tells it as a path.
    package let adapterBase: String?

    package init(directory: String, adapterBase: String? = nil) {
        (self.directory, self.adapterBase) = (directory, adapterBase)
    }
}
