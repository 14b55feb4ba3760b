/// A gap in a text, which a model fills in that was trained for it, as many for code are.
public struct TextGap: Sendable, Equatable {
    /// Another text, which the model looks at.
    public struct File: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Its contents.
        public var text: String

        /// A file of this name.
        public init(name: String, text: String) { (self.name, self.text) = (name, text) }
    }

    /// The text in front of the gap.
    public var prefix: String
    /// The text behind the gap.
    public var suffix: String
    /// Further texts of the repository, of which the first are left out if there is no room for all; nil for a text
    /// that is shown by itself.
    public var files: [File]?

    /// A gap between two texts.
    public init(prefix: String, suffix: String, files: [File]? = nil) {
        (self.prefix, self.suffix, self.files) = (prefix, suffix, files)
    }

    /// Bytes of all its texts.
    var bytes: Int {
        (files ?? []).reduce(prefix.utf8.count + suffix.utf8.count) { $0 + $1.name.utf8.count + $1.text.utf8.count }
    }
}
