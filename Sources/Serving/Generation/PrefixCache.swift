import PenstockCompute

/// Pages with the keys and values of texts that were computed before, by their tokens: who begins with the same tokens
/// begins with these pages.
///
/// Full pages alone are kept, each behind those before it. They are found by all their tokens, not by a digest of them.
/// The one whose use is longest ago goes first, but none before those behind it: a page is used with all those before
/// it, which count as used later. So the page whose use is longest ago has none behind it. One thread at a time may use
/// it.
package final class PrefixCache {
    /// The keys and values of 64 tokens behind those of its parent.
    private final class Node {
        let page: Int
        /// Of the angles of the text.
        let key: Int
        let tokens: ArraySlice<Int32>
        unowned let parent: Node?
        var children: [ArraySlice<Int32>: Node] = [:]
        // The neighbours in the ring of all nodes by their last use.
        unowned var older: Node?
        unowned var newer: Node?

        init(page: Int, key: Int, tokens: ArraySlice<Int32>, parent: Node?) {
            (self.page, self.key, self.tokens, self.parent) = (page, key, tokens, parent)
        }

        func leaveRing() {
            older?.newer = newer
            newer?.older = older
            (older, newer) = (nil, nil)
        }
    }

    private let pool: PagePool
    /// The beginnings of texts, by the key of their angles. A root has no page.
    private var roots: [Int: Node] = [:]
    /// Stands between the newest and the oldest node of the ring.
    private let seam = Node(page: -1, key: 0, tokens: [], parent: nil)
    /// The pages that it holds.
    package private(set) var count = 0

    package init(_ pool: PagePool) {
        self.pool = pool
        (seam.older, seam.newer) = (seam, seam)
    }

    /// Returns the pages that hold the first of some tokens, but never all of them: the last is computed.
    ///
    /// - Parameter key: of the angles of the text
    package func prefix(of tokens: [Int32], key: Int) -> [Int] {
        guard var node = roots[key] else { return [] }
        var found: [Node] = []
        while let child = node.children[Self.page(found.count, of: tokens)],
            (found.count + 1) * PageShape.tokens < tokens.count
        {
            found.append(child)
            node = child
        }
        use(found)
        return found.map(\.page)
    }

    /// Keeps the full pages of a text that has been computed.
    ///
    /// - Parameters:
    ///   - tokens: those whose keys and values are in the pages, and perhaps more
    ///   - length: how many are
    package func insert(_ pages: [Int], of tokens: [Int32], length: Int, key: Int) {
        let full = min(min(length, tokens.count) / PageShape.tokens, pages.count)
        guard full > 0 else { return }
        var node = roots[key] ?? Node(page: -1, key: key, tokens: [], parent: nil)
        roots[key] = node
        var path: [Node] = []
        for index in 0..<full {
            let part = Self.page(index, of: tokens)
            if let child = node.children[part] {
                node = child
            } else {
                // A copy, so that the text as a whole is not kept.
                let child = Node(page: pages[index], key: key, tokens: ArraySlice(Array(part)), parent: node)
                pool.keep(child.page)
                node.children[child.tokens] = child
                count += 1
                node = child
            }
            path.append(node)
        }
        use(path)
    }

    /// Forgets the page whose use is longest ago. Returns whether there was one.
    package func forgetOldest() -> Bool {
        guard let oldest = seam.newer, oldest !== seam else { return false }
        precondition(oldest.children.isEmpty, "a page is used with all those before it")
        oldest.leaveRing()
        count -= 1
        pool.drop(oldest.page)
        let key = oldest.key
        oldest.parent?.children[oldest.tokens] = nil
        if roots[key]?.children.isEmpty ?? false { roots[key] = nil }
        return true
    }

    private static func page(_ index: Int, of tokens: [Int32]) -> ArraySlice<Int32> {
        let start = index * PageShape.tokens
        return start < tokens.count ? tokens[start..<min(start + PageShape.tokens, tokens.count)] : []
    }

    /// Takes note of a use of nodes, each of which is the parent of the next.
    private func use(_ path: [Node]) {
        for node in path.reversed() {
            node.leaveRing()
            (node.older, node.newer) = (seam.older, seam)
            seam.older?.newer = node
            seam.older = node
        }
    }
}
