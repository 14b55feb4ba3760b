/// Notes of what each thread has brought into its caches for the product that it is likely to do next.
final class FetchedAhead: @unchecked Sendable {
    // Safe to share: each thread reads and writes a place of its own.
    private let places: UnsafeMutablePointer<UnsafeRawPointer?>
    private let threads: Int

    /// Pointers of a cache line, so that threads do not share one.
    private static let stride = 8

    init(threads: Int) {
        self.threads = threads
        places = .allocate(capacity: threads * Self.stride)
        places.initialize(repeating: nil, count: threads * Self.stride)
    }

    deinit { places.deallocate() }

    /// Notes the units that a thread fetches now.
    ///
    /// - Returns: those that it had fetched before
    func replace(with units: UnsafeRawPointer?, on thread: Int) -> UnsafeRawPointer? {
        precondition(thread >= 0 && thread < threads)
        let before = places[thread * Self.stride]
        places[thread * Self.stride] = units
        return before
    }
}
