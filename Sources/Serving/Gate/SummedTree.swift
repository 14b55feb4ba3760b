/// An element of a ``SummedTree``: it has a place in an order, and a weight.
package protocol SummedElement: Comparable, Sendable {
    associatedtype Weight: AdditiveArithmetic & Sendable
    var weight: Weight { get }
}

/// A sorted set that knows the weight of all its elements before any place.
///
/// A B+ tree whose nodes know the weight below them. Every operation takes a number of steps that is logarithmic in the
/// number of elements. Nodes are values, so that a copy of the tree is independent of it.
package struct SummedTree<Element: SummedElement>: Sendable {
    private var root = SummedTreeNode<Element>()

    /// An empty tree.
    package init() {}

    package var isEmpty: Bool { root.size == 0 }

    /// The least element.
    package var first: Element? { root.least }

    /// The weight of all elements.
    package var weight: Element.Weight { root.weight }

    /// The weight of the elements that come before another one, which need not be in the tree.
    package func weight(before bound: Element) -> Element.Weight { root.weight(before: bound) }

    /// Adds an element that is not there yet.
    package mutating func insert(_ element: Element) {
        guard let sibling = root.insert(element) else { return }
        root = SummedTreeNode(children: [root, sibling])
    }

    /// Takes the element out that has the place of this one. Returns it; nil if there is none.
    @discardableResult
    package mutating func remove(_ element: Element) -> Element? {
        let removed = root.remove(element)
        // Moved out, not copied: the optimiser of Swift 6.3 frees the old root before it copies a child out of it.
        while let child = root.takeOnlyChild() { root = child }
        return removed
    }
}

/// A leaf, which has elements, or an inner node, which has children, both in ascending order.
private struct SummedTreeNode<Element: SummedElement>: Sendable {
    private(set) var elements: [Element] = []
    private(set) var children: [SummedTreeNode] = []
    private(set) var weight = Element.Weight.zero
    private(set) var least: Element?

    /// Elements or children of a node at most.
    private static var capacity: Int { 64 }

    /// An empty leaf.
    init() {}

    init(elements: [Element] = [], children: [SummedTreeNode] = []) {
        self.elements = elements
        self.children = children
        weight =
            elements.reduce(into: .zero) { $0 += $1.weight } + children.reduce(into: .zero) { $0 += $1.weight }
        updateLeast()
    }

    var size: Int { elements.count + children.count }

    func weight(before bound: Element) -> Element.Weight {
        if children.isEmpty { return elements[..<place(of: bound)].reduce(into: .zero) { $0 += $1.weight } }
        let child = childIndex(for: bound)
        return children[..<child].reduce(into: .zero) { $0 += $1.weight } + children[child].weight(before: bound)
    }

    /// Adds an element. Returns the node that was split off, which belongs behind this one, if it became too large.
    mutating func insert(_ element: Element) -> SummedTreeNode? {
        if children.isEmpty {
            elements.insert(element, at: place(of: element))
        } else {
            let child = childIndex(for: element)
            if let sibling = children[child].insert(element) { children.insert(sibling, at: child + 1) }
        }
        weight += element.weight
        updateLeast()
        return size > Self.capacity ? splitOff() : nil
    }

    /// Takes the element out that has the place of this one. Returns it; nil if there is none.
    mutating func remove(_ element: Element) -> Element? {
        guard let removed = children.isEmpty ? removeOwn(element) : removeFromChild(element) else { return nil }
        weight -= removed.weight
        updateLeast()
        return removed
    }

    /// Moves the child out if it is the only one.
    mutating func takeOnlyChild() -> SummedTreeNode? { children.count == 1 ? children.removeLast() : nil }

    private mutating func removeOwn(_ element: Element) -> Element? {
        let place = place(of: element)
        guard place < elements.count, !(element < elements[place]) else { return nil }
        return elements.remove(at: place)
    }

    private mutating func removeFromChild(_ element: Element) -> Element? {
        let child = childIndex(for: element)
        guard let removed = children[child].remove(element) else { return nil }
        mergeIfSmall(child)
        return removed
    }

    private mutating func updateLeast() { least = elements.first ?? children.first?.least }

    private mutating func splitOff() -> SummedTreeNode {
        let sibling = SummedTreeNode(
            elements: Array(elements[(elements.count / 2)...]), children: Array(children[(children.count / 2)...]))
        elements.removeLast(sibling.elements.count)
        children.removeLast(sibling.children.count)
        weight -= sibling.weight
        return sibling
    }

    /// Merges a child that has become small with a neighbour, unless that would soon have to be split again.
    private mutating func mergeIfSmall(_ child: Int) {
        let size = children[child].size
        guard size < Self.capacity / 4 else { return }
        if size == 0 {
            children.remove(at: child)
            return
        }
        for left in [child - 1, child] where left >= 0 && left + 1 < children.count {
            guard children[left].size + children[left + 1].size <= Self.capacity * 3 / 4 else { continue }
            children[left].append(children.remove(at: left + 1))
            return
        }
    }

    private mutating func append(_ right: SummedTreeNode) {
        elements += right.elements
        children += right.children
        weight += right.weight
    }

    /// The number of elements before another one.
    private func place(of element: Element) -> Int {
        var range = 0..<elements.count
        while let middle = range.middle {
            range = elements[middle] < element ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    /// The child in whose range an element lies: the last that does not begin behind it, else the first.
    private func childIndex(for element: Element) -> Int {
        var range = 1..<children.count
        while let middle = range.middle {
            let isBehind = children[middle].least.map { element < $0 } ?? true
            range = isBehind ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound - 1
    }
}

extension Range<Int> {
    fileprivate var middle: Int? { isEmpty ? nil : lowerBound + count / 2 }
}
