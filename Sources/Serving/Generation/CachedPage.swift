/// A page of the cache of prefixes: the keys and values of up to 64 tokens behind those of its parent.
final class CachedPage {
    let page: Int
    let key: PrefixKey
    let tokens: [Int32]
    unowned let parent: CachedPage?
    /// In the order of their tokens, of which none begin with all those of another.
    private(set) var children: [CachedPage] = []
    // The neighbours in the ring of all pages by their last use.
    unowned var older: CachedPage?
    unowned var newer: CachedPage?

    init(page: Int, key: PrefixKey, tokens: [Int32], parent: CachedPage?) {
        (self.page, self.key, self.tokens, self.parent) = (page, key, tokens, parent)
    }

    func leaveRing() {
        older?.newer = newer
        newer?.older = older
        (older, newer) = (nil, nil)
    }

    /// The child that has the most of some tokens in front, and how many: of children in order it is a neighbour of
    /// the place where they belong.
    func closest(to tokens: ArraySlice<Int32>) -> (child: CachedPage, common: Int)? {
        let place = place(of: tokens)
        return children[max(0, place - 1)..<min(children.count, place + 1)].lazy
            .map { (child: $0, common: Self.common($0.tokens, tokens)) }
            .max { $0.common < $1.common }
    }

    func insert(_ child: CachedPage) { children.insert(child, at: place(of: child.tokens[...])) }

    func remove(_ child: CachedPage) {
        let place = place(of: child.tokens[...])
        if place < children.count, children[place] === child { children.remove(at: place) }
    }

    /// The place of the first child whose tokens do not precede some tokens.
    private func place(of tokens: ArraySlice<Int32>) -> Int {
        var (low, high) = (0, children.count)
        while low < high {
            let middle = (low + high) / 2
            if children[middle].tokens.lexicographicallyPrecedes(tokens) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func common(_ tokens: [Int32], _ others: ArraySlice<Int32>) -> Int {
        zip(tokens, others).prefix { $0 == $1 }.count
    }
}
