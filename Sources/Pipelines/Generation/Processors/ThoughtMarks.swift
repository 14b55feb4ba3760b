/// The tokens around the thought that an answer may begin with.
package struct ThoughtMarks: Sendable, Equatable {
    /// The mark that begins a thought; nil if the prompt ends with it.
    let opener: Int32?
    /// The mark that ends a thought.
    let closer: Int32

    package init(opener: Int32?, closer: Int32) { (self.opener, self.closer) = (opener, closer) }
}
