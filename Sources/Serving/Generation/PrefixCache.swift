import PenstockCompute

/// Pages with the keys and values of texts that were computed before, by their tokens: who begins with the same tokens
/// begins with these pages.
///
/// Full pages alone are kept, each behind those before it. They are found by all their tokens, not by a digest of them. The
/// one whose use is longest ago goes first, but none before those behind it. One thread at a time may use it.
package final class PrefixCache {
    /// The keys and values of 64 tokens behind those of its parent.
    private final class Node {
        let page: Int
        /// Of the angles of the text.
        let key: Int
        let tokens: ArraySlice<Int32>
        unowned let parent: Node?
        var children: [ArraySlice<Int32>: Node] = [:]
        var lastUse = 0

        init(page: Int, key: Int, tokens: ArraySlice<Int32>, parent: Node?) {
            (self.page, self.key, self.tokens, self.parent) = (page, key, tokens, parent)
        }
    }

    private let pool: PagePool
    /// What texts begin with, by the key of their angles. A root has no page.
    private var roots: [Int: Node] = [:]
    private var nodes: [ObjectIdentifier: Node] = [:]
    private var uses = 0

    package init(_ pool: PagePool) { self.pool = pool }

    /// The pages that it holds.
    package var count: Int { nodes.count }

    /// The pages that are free as soon as it forgets all.
    package var freeable: Int { nodes.values.count { pool.holders(of: $0.page) == 1 } }

    /// Those pages.
    var pages: Set<Int> { Set(nodes.values.map(\.page)) }

    /// Returns the pages that hold the first of some tokens, but never all of them: the last is computed.
    ///
    /// - Parameter key: of the angles of the text
    package func prefix(of tokens: [Int32], key: Int) -> [Int] {
        guard var node = roots[key] else { return [] }
        var pages: [Int] = []
        while let child = node.children[Self.page(pages.count, of: tokens)],
            (pages.count + 1) * PageShape.tokens < tokens.count
        {
            use(child)
            pages.append(child.page)
            node = child
        }
        return pages
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
        for index in 0..<full {
            let part = Self.page(index, of: tokens)
            if let child = node.children[part] {
                node = child
            } else {
                // A copy, so that the text as a whole is not kept.
                let child = Node(page: pages[index], key: key, tokens: ArraySlice(Array(part)), parent: node)
                pool.retain(child.page)
                node.children[child.tokens] = child
                nodes[ObjectIdentifier(child)] = child
                node = child
            }
            use(node)
        }
    }

    /// Forgets the page whose use is longest ago and behind which none is. Returns whether there was one.
    package func forgetOldest() -> Bool {
        let leaf = nodes.values.lazy.filter { $0.children.isEmpty }.min { $0.lastUse < $1.lastUse }
        guard let leaf else { return false }
        leaf.parent?.children[leaf.tokens] = nil
        if roots[leaf.key]?.children.isEmpty ?? false { roots[leaf.key] = nil }
        nodes[ObjectIdentifier(leaf)] = nil
        pool.release(leaf.page)
        return true
    }

    private static func page(_ index: Int, of tokens: [Int32]) -> ArraySlice<Int32> {
        let start = index * PageShape.tokens
        return start < tokens.count ? tokens[start..<min(start + PageShape.tokens, tokens.count)] : []
    }

    private func use(_ node: Node) {
        uses += 1
        node.lastUse = uses
    }
}
