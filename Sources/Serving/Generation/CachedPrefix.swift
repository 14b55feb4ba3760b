/// The beginning of a text that was computed before.
package struct CachedPrefix: Sendable, Equatable {
    /// The pages with its keys and values, of which the last may hold others behind them.
    package var pages: [Int] = []
    /// The tokens that it has.
    package var length = 0

    package init(pages: [Int] = [], length: Int = 0) {
        (self.pages, self.length) = (pages, length)
    }
}
