import PenstockServing
import PenstockTestSupport
import Testing

/// An element that counts how often any two are compared.
private struct Counted: SummedElement {
    static func == (a: Counted, b: Counted) -> Bool { a.key == b.key }

    static func < (a: Counted, b: Counted) -> Bool {
        a.counter.comparisons += 1
        return a.key < b.key
    }

    let key: Int
    let counter: Counter

    /// Whole numbers that are no function of the order.
    var weight: Int { key &* 7919 % 1009 }

    // Safe to share: each test has its own and one thread.
    final class Counter: @unchecked Sendable { var comparisons = 0 }
}

@Suite struct SummedTreeTests {
    @Test(arguments: [10, 100, 3000]) func agreesWithASortedArrayInAnyHistory(size: Int) {
        var generator = SeededGenerator(seed: UInt64(size))
        let counter = Counted.Counter()
        var tree = SummedTree<Counted>()
        var array: [Int] = []
        for step in 0..<10_000 {
            let element = Counted(key: Int.random(in: 0..<2 * size, using: &generator), counter: counter)
            let place = array.firstIndex { $0 >= element.key } ?? array.count
            let isThere = place < array.count && array[place] == element.key
            // Phases of growth and of decline.
            if Int.random(in: 0..<4, using: &generator) > ((step / 1500).isMultiple(of: 2) ? 0 : 2) {
                if !isThere {
                    array.insert(element.key, at: place)
                    tree.insert(element)
                }
            } else {
                #expect(tree.remove(element)?.key == (isThere ? element.key : nil))
                if isThere { array.remove(at: place) }
            }
            let bound = Counted(key: Int.random(in: -1...2 * size, using: &generator), counter: counter)
            #expect(tree.first?.key == array.first)
            #expect(tree.isEmpty == array.isEmpty)
            guard step.isMultiple(of: 16) else { continue }
            let before = array.prefix { $0 < bound.key }.map { Counted(key: $0, counter: counter).weight }
            #expect(tree.weight(before: bound) == before.reduce(0, +))
            #expect(tree.weight == array.map { Counted(key: $0, counter: counter).weight }.reduce(0, +))
        }
        while let first = tree.first {
            #expect(first.key == array.removeFirst())
            tree.remove(first)
        }
        #expect(array.isEmpty)
        #expect(tree.weight == 0)
    }

    /// How keys come and go: as in a queue, from the end as in a stack, or anywhere.
    @Test(arguments: ["queue", "stack", "shuffled"]) func costsALogarithm(order: String) {
        var perOperation: [Double] = []
        for size in [100, 1000, 10_000] {
            var generator = SeededGenerator(seed: 4)
            let counter = Counted.Counter()
            var tree = SummedTree<Counted>()
            let coming = order == "shuffled" ? Array(0..<size).shuffled(using: &generator) : Array(0..<size)
            let going =
                order == "queue" ? coming : order == "stack" ? coming.reversed() : coming.shuffled(using: &generator)
            for key in coming { tree.insert(Counted(key: key, counter: counter)) }
            for key in going { _ = tree.weight(before: Counted(key: key, counter: counter)) }
            for key in going { tree.remove(Counted(key: key, counter: counter)) }
            #expect(tree.isEmpty)
            perOperation.append(Double(counter.comparisons) / Double(3 * size))
        }
        // log2 of the sizes are 7, 10 and 13; nodes that are not full cost a little more.
        #expect(perOperation[0] < 12)
        #expect(perOperation[2] < 20)
        // And it grows as they do, by as much from step to step.
        #expect(abs(perOperation[2] - 2 * perOperation[1] + perOperation[0]) < 2)
    }

    @Test func aNodeThatIsHollowedOutDoesNotStay() {
        let counter = Counted.Counter()
        var tree = SummedTree<Counted>()
        for key in 0..<10_000 { tree.insert(Counted(key: key, counter: counter)) }
        // One of ten stays, then one of a thousand.
        for step in [10, 1000] {
            for key in 0..<10_000 where !key.isMultiple(of: step) { tree.remove(Counted(key: key, counter: counter)) }
            counter.comparisons = 0
            for key in stride(from: 0, to: 10_000, by: step) {
                _ = tree.weight(before: Counted(key: key, counter: counter))
            }
            #expect(counter.comparisons / (10_000 / step) < 16)
        }
    }

    @Test func aCopyIsIndependent() {
        let counter = Counted.Counter()
        var tree = SummedTree<Counted>()
        for key in 0..<1000 { tree.insert(Counted(key: key, counter: counter)) }
        let copy = tree
        for key in 0..<900 { tree.remove(Counted(key: key, counter: counter)) }
        #expect(copy.first?.key == 0)
        #expect(tree.first?.key == 900)
    }
}
