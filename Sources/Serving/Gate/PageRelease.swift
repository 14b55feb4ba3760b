/// Pages of keys and values that a sequence gives back when it ends.
package struct PageRelease: Sendable, Equatable {
    /// Steps until then, at most.
    package let steps: Int
    package let pages: Int

    package init(steps: Int, pages: Int) { (self.steps, self.pages) = (steps, pages) }
}

extension ModelQueue {
    /// Seconds until there are pages for all that waits and for a further request, at the latest; 0 if there are.
    ///
    /// - Parameter slices: sequences of the request
    func secondsUntilPages(for work: WorkSize, slices: Int) -> Double {
        guard let rule = configuration.steps, let freePages else { return 0 }
        // Each sequence needs a page for its next token beside those of its prompt.
        let tokens = waiting.size.tokens + work.tokens
        var missing = Int((tokens / Double(rule.tokensPerPage)).rounded(.up)) + waiting.count + slices - freePages
        var steps = 0
        for release in pageReleases.sorted(by: { $0.steps < $1.steps }) where missing > 0 {
            missing -= release.pages
            steps = release.steps
        }
        return Double(steps) * costs.seconds(going.lastDecodes)
    }
}
