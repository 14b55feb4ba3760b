import Synchronization

/// A table that is computed by pages of 256 elements, each when one of them is first asked for, and kept for good: few
/// texts need more than some pages.
final class LazyPages<Element: BitwiseCopyable & Sendable>: Sendable {
    private typealias Page = Atomic<UnsafePointer<Element>?>

    // Safe to share: each page is set once, by an exchange, when all of its elements are computed.
    nonisolated(unsafe) private let pages: UnsafeMutablePointer<Page>
    private let pageCount: Int
    private let compute: @Sendable (Int) -> Element

    /// A table of `count` elements, a multiple of 256.
    init(count: Int, _ compute: @escaping @Sendable (Int) -> Element) {
        precondition(count > 0 && count % 256 == 0, "pages have 256 elements")
        pageCount = count / 256
        pages = .allocate(capacity: pageCount)
        for page in 0..<pageCount { (pages + page).initialize(to: Page(nil)) }
        self.compute = compute
    }

    /// The element at a place below `count`.
    @inline(__always)
    subscript(place: Int) -> Element {
        precondition(place >= 0 && place >> 8 < pageCount, "no such element")
        let page = pages[place >> 8].load(ordering: .acquiring) ?? computed(place >> 8)
        return page[place & 0xFF]
    }

    /// Computes a page. Of two threads that do so at a time the first one's counts.
    @inline(never)
    private func computed(_ page: Int) -> UnsafePointer<Element> {
        let new = UnsafeMutablePointer<Element>.allocate(capacity: 256)
        for place in 0..<256 { (new + place).initialize(to: compute(page << 8 | place)) }
        let (isFirst, original) = pages[page].compareExchange(
            expected: nil, desired: UnsafePointer(new), ordering: .acquiringAndReleasing)
        guard !isFirst, let original else { return UnsafePointer(new) }
        new.deallocate()
        return original
    }

    deinit {
        for page in 0..<pageCount { pages[page].load(ordering: .relaxed)?.deallocate() }
        pages.deallocate()
    }
}
