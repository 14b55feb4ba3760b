import PenstockCompute

/// The state of a sequence in a model: pages with the keys and values of its tokens so far.
///
/// One thread at a time may use it. It holds its pages until ``releaseAll(in:)``.
package final class DecoderSequence {
    package let rotation: SequenceRotation
    /// The tokens whose keys and values are in pages.
    package private(set) var length = 0
    /// The pages, in order; there may be more than the tokens so far fill.
    package private(set) var pages: [Int] = []

    /// Places from here on hold nothing.
    private var written = 0

    /// An empty sequence.
    package init(rotation: SequenceRotation) { self.rotation = rotation }

    /// The pages that ``reserve(_:in:)`` would take for so many further tokens.
    package func pagesNeeded(for tokens: Int, in pool: PagePool) -> Int {
        max(0, PageShape.pages(for: length + tokens) - pages.count) + (sharedPartialPage(pool) == nil ? 0 : 1)
    }

    /// Takes pages for so many further tokens, and a copy of the last page in place of one that is shared.
    ///
    /// - Returns: whether there were as many free; if not, nothing has changed.
    package func reserve(_ tokens: Int, in pool: PagePool) -> Bool {
        precondition(tokens >= 0)
        guard pagesNeeded(for: tokens, in: pool) <= pool.free else { return false }
        if tokens > 0 { ownPartialPage(in: pool) }
        while pages.count < PageShape.pages(for: length + tokens), let page = pool.take() { pages.append(page) }
        return true
    }

    /// The index of the page that the next token goes to, if somebody else holds it, too.
    private func sharedPartialPage(_ pool: PagePool) -> Int? {
        let index = length / PageShape.tokens
        return index < pages.count && pool.isShared(pages[index]) ? index : nil
    }

    /// Makes the page that the next token goes to one of its own, with nothing behind the length.
    private func ownPartialPage(in pool: PagePool) {
        if let shared = sharedPartialPage(pool), let copy = pool.copy(pages[shared]) {
            pool.release(pages[shared])
            pages[shared] = copy
        }
        clear(to: written, in: pool)
    }

    /// Begins with pages that hold the keys and values of the same tokens of another sequence with the same angles.
    ///
    /// - Parameter length: those tokens; the last page may hold others behind them
    /// - Precondition: the sequence is empty, and the tokens reach into the last page.
    package func adopt(_ prefix: [Int], length: Int, in pool: PagePool) {
        precondition(self.length == 0 && pages.isEmpty && PageShape.pages(for: length) == prefix.count)
        for page in prefix { pool.retain(page) }
        pages = prefix
        self.length = length
        written = prefix.count * PageShape.tokens
    }

    /// A sequence of the same tokens, which shares all pages.
    package func fork(in pool: PagePool) -> DecoderSequence {
        let other = DecoderSequence(rotation: rotation)
        other.pages = Array(pages[..<PageShape.pages(for: length)])
        for page in other.pages { pool.retain(page) }
        (other.length, other.written) = (length, min(written, other.pages.count * PageShape.tokens))
        return other
    }

    /// Forgets the tokens from a length on, as if they had never been there.
    package func rollBack(to length: Int, in pool: PagePool) {
        precondition(length >= 0 && length <= self.length)
        let kept = PageShape.pages(for: length)
        while pages.count > kept { pool.release(pages.removeLast()) }
        self.length = length
        written = min(written, kept * PageShape.tokens)
        // A shared page is for another to read; whoever writes to it next copies it.
        if let last = pages.last, !pool.isShared(last) { clear(to: written, in: pool) }
    }

    /// Makes the places behind the length zero, up to one that may have been written to.
    func clear(to end: Int, in pool: PagePool) {
        var place = length
        while place < end {
            let index = place / PageShape.tokens
            let next = min(end, (index + 1) * PageShape.tokens)
            let first = index * PageShape.tokens
            pool.memory.clear(place - first..<next - first, ofPage: pages[index], with: pool.kernels)
            place = next
        }
        written = length
    }

    /// Gives back all pages.
    package func releaseAll(in pool: PagePool) { rollBack(to: 0, in: pool) }

    /// Notes that keys and values of so many tokens have been written.
    func grow(by tokens: Int) {
        length += tokens
        written = length
        precondition(PageShape.pages(for: length) <= pages.count)
    }
}
