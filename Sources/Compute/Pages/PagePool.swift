/// A fixed number of pages of keys and values, which sequences take, share and give back.
///
/// One thread at a time may use it.
package final class PagePool: @unchecked Sendable {
    // Safe to share: whoever computes with its pages lends it to the threads that write to places of their own.
    private let storage: UnitStorage
    /// The memory that the pages lie in.
    package let memory: PageMemory
    /// The number of pages.
    package let count: Int
    /// The instruction set that writes to pages.
    package let kernels: Kernels

    /// The number of holders of each page; 0 for a free one.
    private var holders: [Int32]
    /// Marks the pages of which one holder keeps them for whoever may need them later.
    private var isKept: [Bool]
    /// Free pages that have been in use; the last is taken first.
    private var used: [Int32] = []
    /// Pages from here on have never been in use, and are zero.
    private var firstUnused = 0

    /// - Parameters:
    ///   - shape: what a page holds
    ///   - count: how many pages there are; they take `count · shape.bytes` bytes, which the caller has reserved
    /// - Throws: ``ResourceError`` if there is not as much memory.
    package init(_ shape: PageShape, count: Int, kernels: Kernels = .best) throws(ResourceError) {
        precondition(count > 0)
        storage = try UnitStorage(count: count * shape.bytes / MemoryLayout<Float>.stride)
        memory = PageMemory(base: storage.base, shape: shape)
        self.count = count
        self.kernels = kernels
        holders = Array(repeating: 0, count: count)
        isKept = Array(repeating: false, count: count)
        used.reserveCapacity(count)
    }

    /// The shape of a page.
    package var shape: PageShape { memory.shape }

    /// The pages that nobody holds.
    package var free: Int { used.count + count - firstUnused }

    /// The pages that have no holder but one who keeps them for later.
    package private(set) var kept = 0

    /// The pages that somebody computes with.
    package var inUse: Int { count - free - kept }

    /// A page of zeros with one holder; nil if none is free.
    package func take() -> Int? {
        guard let page = takeUsed() else { return takeUnused() }
        memory.clear(page)
        return page
    }

    /// A page of what another one holds, with one holder; nil if none is free.
    package func copy(_ page: Int) -> Int? {
        precondition(holders[page] > 0, "the page is free")
        guard let copy = takeUsed() ?? takeUnused() else { return nil }
        memory.base.advanced(by: copy * memory.pageUnits).update(
            from: memory.base + page * memory.pageUnits, count: memory.pageUnits)
        return copy
    }

    private func takeUsed() -> Int? {
        guard let page = used.popLast() else { return nil }
        holders[Int(page)] = 1
        return Int(page)
    }

    private func takeUnused() -> Int? {
        guard firstUnused < count else { return nil }
        holders[firstUnused] = 1
        firstUnused += 1
        return firstUnused - 1
    }

    /// Gives a page another holder.
    package func retain(_ page: Int) {
        precondition(holders[page] > 0, "the page is free")
        if isKept[page], holders[page] == 1 { kept -= 1 }
        holders[page] += 1
    }

    /// Takes a holder from a page, which is free without any.
    package func release(_ page: Int) {
        precondition(holders[page] > (isKept[page] ? 1 : 0), "the page is free")
        holders[page] -= 1
        if isKept[page], holders[page] == 1 { kept += 1 }
        if holders[page] == 0 { used.append(Int32(page)) }
    }

    /// Gives a page a holder that keeps it for later.
    package func keep(_ page: Int) {
        precondition(holders[page] > 0 && !isKept[page], "the page is free, or kept already")
        (holders[page], isKept[page]) = (holders[page] + 1, true)
    }

    /// Takes the holder that keeps a page for later from it.
    package func drop(_ page: Int) {
        precondition(isKept[page], "the page is not kept")
        isKept[page] = false
        if holders[page] == 1 { kept -= 1 }
        release(page)
    }

    /// Returns the number of those that hold a page to compute with it.
    package func users(of page: Int) -> Int { Int(holders[page]) - (isKept[page] ? 1 : 0) }

    /// Tells whether a page has several holders, so that none may write to it.
    package func isShared(_ page: Int) -> Bool { holders[page] > 1 }

    /// The bytes of a page, for tests: equal pages stand for equal keys and values.
    package func bytes(of page: Int) -> [UInt8] {
        let start = UnsafeRawPointer(memory.base + page * memory.pageUnits)
        return Array(UnsafeRawBufferPointer(start: start, count: shape.bytes))
    }
}
