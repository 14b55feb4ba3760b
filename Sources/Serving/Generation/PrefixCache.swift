import PenstockCompute

/// Pages with the keys and values of texts that were computed before, by their tokens: who begins with the same tokens
/// begins with these pages, and with a copy of as much of the next page as is the same.
///
/// Each page is kept behind those before it, and found by all its tokens, not by a digest of them. The one whose use is
/// longest ago goes first, but none before those behind it: a page is used with all those before it, which count as used
/// later. So the page whose use is longest ago has none behind it. One thread at a time may use it.
package final class PrefixCache {
    /// A part of a page is kept and found from so many tokens on: fewer are computed as fast as a page is copied.
    package static let leastTokens = 8

    private let pool: PagePool
    /// The beginnings of texts. A root has no page.
    private var roots: [PrefixKey: CachedPage] = [:]
    /// Stands between the newest and the oldest page of the ring.
    private let seam = CachedPage(page: -1, key: PrefixKey(), tokens: [], parent: nil)
    /// The pages that it holds.
    package private(set) var count = 0

    package init(_ pool: PagePool) {
        self.pool = pool
        (seam.older, seam.newer) = (seam, seam)
    }

    /// Returns what there is of the first of some tokens, but never of all of them: the last is computed.
    package func prefix(of tokens: [Int32], key: PrefixKey) -> CachedPrefix {
        guard var node = roots[key] else { return CachedPrefix() }
        var (found, length) = ([CachedPage](), 0)
        let parts = Self.parts(of: tokens.dropLast())
        for part in parts {
            guard let (child, common) = node.closest(to: part), common >= Self.leastTokens else { break }
            found.append(child)
            length += common
            guard common == PageShape.tokens else { break }
            node = child
        }
        use(found)
        return CachedPrefix(pages: found.map(\.page), length: length)
    }

    /// Keeps the pages of a text that has been computed.
    ///
    /// - Parameters:
    ///   - pages: to which nobody writes any more; the last may hold others behind the tokens
    ///   - tokens: those whose keys and values are in the pages
    package func insert(_ pages: [Int], of tokens: ArraySlice<Int32>, key: PrefixKey) {
        guard tokens.count >= Self.leastTokens else { return }
        var node = roots[key] ?? CachedPage(page: -1, key: key, tokens: [], parent: nil)
        roots[key] = node
        var path: [CachedPage] = []
        for (page, part) in zip(pages, Self.parts(of: tokens)) where part.count >= Self.leastTokens {
            node = child(of: node, part, page)
            path.append(node)
        }
        use(path)
    }

    /// The child that begins with some tokens: the one that is there, or a page in place of one that has fewer of them.
    private func child(of node: CachedPage, _ tokens: ArraySlice<Int32>, _ page: Int) -> CachedPage {
        if let (child, common) = node.closest(to: tokens) {
            if common == tokens.count { return child }
            if common == child.tokens.count { forget(child) }
        }
        // A copy of the tokens, so that the text as a whole is not kept.
        let child = CachedPage(page: page, key: node.key, tokens: Array(tokens), parent: node)
        pool.keep(page)
        node.insert(child)
        count += 1
        return child
    }

    /// Forgets the page whose use is longest ago. Returns whether there was one.
    package func forgetOldest() -> Bool {
        guard let oldest = seam.newer, oldest !== seam else { return false }
        forget(oldest)
        if let root = roots[oldest.key], root.children.isEmpty { roots[oldest.key] = nil }
        return true
    }

    private func forget(_ child: CachedPage) {
        precondition(child.children.isEmpty, "a page is used with all those before it")
        child.leaveRing()
        count -= 1
        pool.drop(child.page)
        child.parent?.remove(child)
    }

    private static func parts(of tokens: ArraySlice<Int32>) -> some Sequence<ArraySlice<Int32>> {
        stride(from: tokens.startIndex, to: tokens.endIndex, by: PageShape.tokens).lazy.map {
            tokens[$0..<min($0 + PageShape.tokens, tokens.endIndex)]
        }
    }

    /// Takes note of a use of pages, each of which is the parent of the next.
    private func use(_ path: [CachedPage]) {
        for node in path.reversed() {
            node.leaveRing()
            (node.older, node.newer) = (seam.older, seam)
            seam.older?.newer = node
            seam.older = node
        }
    }
}
