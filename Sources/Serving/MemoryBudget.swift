import Synchronization

/// A budget of the bytes that the requests in flight may hold, all of them together: bodies that were received, answers
/// until they are sent.
package final class MemoryBudget: MemoryAccount {
    /// A share of a budget.
    package typealias Reservation = MemoryReservation<MemoryBudget>

    /// A budget that is never exhausted.
    package static let unlimited = MemoryBudget(bytes: .max)

    /// Requests that hold no more than this get it always, so that large ones cannot lock them out.
    private static let small = 16 << 10
    /// Bytes that the process takes at most for each that is counted: bodies become texts, and these tokens.
    private static let bytesPerByte = 3
    /// The time for which it is taken to be known what is left.
    private static let freshness = Duration.milliseconds(250)

    private let limit: Int
    private let unreserved: @Sendable () -> Int?
    private let used = Mutex(0)
    private let most = Mutex<(bytes: Int, until: ContinuousClock.Instant)?>(nil)

    /// - Parameters:
    ///   - bytes: the most that all requests may hold
    ///   - unreserved: finds the bytes that the process may take beside its models, which bound it, too; nil for any
    package init(bytes: Int, unreserved: @escaping @Sendable () -> Int? = { nil }) {
        (limit, self.unreserved) = (bytes, unreserved)
    }

    /// The bytes that are held now.
    package var bytesInUse: Int { used.withLock { $0 } }

    /// - Throws: ``ServingError`` if so many bytes are not left.
    package func reserve(_ bytes: Int) throws(ServingError) -> Reservation {
        let reservation = Reservation(0, of: self)
        try reservation.grow(by: bytes)
        return reservation
    }

    fileprivate func take(_ bytes: Int, reservedBefore: Int) throws(ServingError) {
        let isSmall = reservedBefore + bytes <= Self.small
        let most = isSmall ? limit : mostBytes
        let isTaken = used.withLock { used in
            guard isSmall || bytes <= most - used else { return false }
            used += bytes
            return true
        }
        guard isTaken else {
            throw ServingError(
                .overloaded, "the requests in flight hold all the memory there is for them; try again later",
                retryAfter: .seconds(1))
        }
    }

    /// The bytes that all requests may hold now. What is left of the memory is in files, which are not read for each.
    private var mostBytes: Int {
        let now = ContinuousClock.now
        if let known = most.withLock({ $0 }), now < known.until { return known.bytes }
        let bytes = min(limit, unreserved().map { $0 / Self.bytesPerByte } ?? limit)
        most.withLock { $0 = (bytes, now + Self.freshness) }
        return bytes
    }

    package func giveBack(_ bytes: Int) { used.withLock { $0 -= bytes } }
}

extension MemoryReservation<MemoryBudget> {
    /// Takes more bytes.
    ///
    /// - Throws: ``ServingError`` if there are none left; the reservation is as before then.
    package func grow(by more: Int) throws(ServingError) {
        try account.take(more, reservedBefore: bytes)
        add(more)
    }
}
