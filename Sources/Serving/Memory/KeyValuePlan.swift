import PenstockCompute

/// The memory for keys and values of a model that generates, in pages.
package struct KeyValuePlan: Sendable, Equatable {
    /// The number of pages.
    package let pages: Int
    /// Their bytes.
    package let bytes: Int
    /// The bytes of as few as there may be.
    package let leastBytes: Int

    /// Without being told, a model takes this share of what is left.
    private static let share = 0.25
    /// But no more than for so many texts of as many tokens, or of the longest that it takes.
    private static let (mostTexts, mostTokens) = (64, 8192)
    /// A small model may have as many pages as these bytes hold, for searches with more beams than that.
    private static let alwaysBytes = 64 << 20
    /// Where there is no limit to have a share of, it is content with so many of those.
    private static let enoughTexts = 8
    /// A page for a prompt and one for what comes behind it.
    private static let fewestPages = 2

    /// - Parameters:
    ///   - page: bytes of a page
    ///   - longest: tokens of the longest text
    ///   - wanted: bytes that were asked for; nil for a share of what is left
    ///   - memory: what is left; nil for no limit
    /// - Throws: ``WorkspaceError`` if the memory or what was asked for does not suffice.
    package init(page: Int, longest: Int, wanted: Int?, memory: MemoryLimit?) throws(WorkspaceError) {
        let text = PageShape.pages(for: min(longest, Self.mostTokens))
        let left = memory.map { max(0, $0.available - WorkspacePlan.defaultMargin) }
        let share = left.map { Int(Self.share * Double($0)) / page } ?? Self.enoughTexts * text
        pages = wanted.map { $0 / page } ?? min(max(Self.mostTexts * text, Self.alwaysBytes / page), share)
        guard pages >= Self.fewestPages else {
            let needed = Size.mebibytes(Self.fewestPages * page, .up)
            throw WorkspaceError(
                message: wanted == nil
                    ? "keys and values need \(needed) at least, but a quarter of the memory that is left is less "
                        + "(\(memory.map { "\($0)" } ?? "")); free some"
                    : "--kv-memory has to be \(needed) at least: \(Self.fewestPages) pages of \(PageShape.tokens) tokens"
            )
        }
        (bytes, leastBytes) = (pages * page, Self.fewestPages * page)
    }

    /// The tokens that fit.
    package var tokens: Int { pages * PageShape.tokens }
}
