/// Work in the order of its arrival, handed out in batches of a bounded number of tokens.
///
/// A pure state machine: it decides, and others wait, run and answer.
package struct BatchQueue<Item> {
    private var items: [(item: Item, tokens: Int)] = []
    private let tokenBudget: Int

    /// - Parameter tokenBudget: the tokens of a batch; a longer item is a batch of its own.
    package init(tokenBudget: Int) {
        precondition(tokenBudget > 0)
        self.tokenBudget = tokenBudget
    }

    /// Whether no work waits.
    package var isEmpty: Bool { items.isEmpty }

    /// Adds work at the end.
    package mutating func append(_ item: Item, tokens: Int) { items.append((item, tokens)) }

    /// Takes the next batch: the first item, and those behind it as long as they fit the budget. Empty if the queue is.
    package mutating func takeBatch() -> [Item] {
        var tokens = 0
        let count = items.prefix { next in
            tokens += next.tokens
            return tokens <= tokenBudget
        }.count
        let batch = items.prefix(max(count, min(1, items.count))).map(\.item)
        items.removeFirst(batch.count)
        return batch
    }

    /// Takes out all items for which `isObsolete` is true.
    package mutating func removeAll(where isObsolete: (Item) -> Bool) { items.removeAll { isObsolete($0.item) } }
}
