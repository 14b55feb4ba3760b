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

    private let limit: Int
    private let used = Mutex(0)

    package init(bytes: Int) { limit = bytes }

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
        let isTaken = used.withLock { used in
            guard isSmall || bytes <= limit - used else { return false }
            used += bytes
            return true
        }
        guard isTaken else {
            throw ServingError(
                .overloaded, "the requests in flight hold all the memory there is for them; try again later",
                retryAfter: .seconds(1))
        }
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
