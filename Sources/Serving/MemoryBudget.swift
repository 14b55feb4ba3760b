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
    /// Bytes that the process takes at most for each that is held: bodies are in buffers that double as they grow, and
    /// become texts, and these tokens.
    private static let bytesPerByte = 4
    /// The time for which it is taken to be known what models leave.
    private static let freshness = Duration.milliseconds(250)

    private let limit: Int
    private let unreserved: @Sendable () -> Int?
    private let used = Mutex(0)
    private let left = Mutex<(bytes: Int, until: ContinuousClock.Instant)?>(nil)
    /// Bytes that are taken for a moment, beside those that requests hold.
    private let passing = PassingMemory()

    /// - Parameters:
    ///   - bytes: the most that all requests may hold
    ///   - unreserved: finds the bytes that the process may take beside its models, which bound it, too; nil for any
    package init(bytes: Int, unreserved: @escaping @Sendable () -> Int? = { nil }) {
        (limit, self.unreserved) = (bytes, unreserved)
    }

    /// The bytes that are held now.
    package var bytesInUse: Int { used.withLock { $0 } }

    /// - Throws: ``ServingError`` if so many bytes are not left, or never are.
    package func reserve(_ bytes: Int) throws(ServingError) -> Reservation {
        let reservation = Reservation(0, of: self)
        try reservation.grow(by: bytes)
        return reservation
    }

    /// Takes bytes that are needed for a moment. They count against what models leave alone, and not against the bytes
    /// that requests may hold.
    ///
    /// - Throws: ``ServingError`` if so many bytes are not left, or never are.
    package func reserve(passing bytes: Int) throws(ServingError) -> MemoryReservation<PassingMemory> {
        let most = bytes <= Self.small ? Int.max : bytesLeft
        guard bytes <= most else {
            throw ServingError(
                .requestTooLarge,
                "the texts take more memory to read than there is for requests; send less at one time")
        }
        let held = min(bytesInUse, most / Self.bytesPerByte) * Self.bytesPerByte
        guard passing.take(bytes, within: most - held) else { throw .memoryIsTaken }
        return MemoryReservation(bytes, of: passing)
    }

    fileprivate func take(_ bytes: Int, reservedBefore: Int) throws(ServingError) {
        let isSmall = reservedBefore + bytes <= Self.small
        guard isSmall || reservedBefore + bytes <= limit else {
            throw ServingError(
                .requestTooLarge, "the request takes more memory than there is for requests; send less at one time")
        }
        let most = isSmall ? limit : min(limit, max(0, bytesLeft - passing.bytes) / Self.bytesPerByte)
        let isTaken = used.withLock { used in
            guard isSmall || bytes <= most - used else { return false }
            used += bytes
            return true
        }
        guard isTaken else { throw .memoryIsTaken }
    }

    /// The bytes that models leave. To find them files are read, which is not done for each request.
    private var bytesLeft: Int {
        let now = ContinuousClock.now
        if let left = left.withLock({ $0 }), now < left.until { return left.bytes }
        let bytes = unreserved() ?? .max
        left.withLock { $0 = (bytes, now + Self.freshness) }
        return bytes
    }

    package func giveBack(_ bytes: Int) { used.withLock { $0 -= bytes } }
}

extension MemoryReservation<MemoryBudget> {
    /// Takes more bytes.
    ///
    /// - Throws: ``ServingError`` if there are none left, or never as many; the reservation is as before then.
    package func grow(by more: Int) throws(ServingError) {
        try account.take(more, reservedBefore: bytes)
        add(more)
    }
}

/// The account of the memory that requests take for a moment.
package final class PassingMemory: MemoryAccount {
    private let taken = Mutex(0)

    /// The bytes that are taken now.
    var bytes: Int { taken.withLock { $0 } }

    /// Takes bytes, if no more than so many are taken then. Returns whether they were.
    fileprivate func take(_ bytes: Int, within most: Int) -> Bool {
        taken.withLock { taken in
            guard bytes <= most - taken else { return false }
            taken += bytes
            return true
        }
    }

    package func giveBack(_ bytes: Int) { taken.withLock { $0 -= bytes } }
}

extension ServingError {
    fileprivate static let memoryIsTaken = ServingError(
        .overloaded, "the requests in flight hold all the memory there is for them; try again later",
        retryAfter: .seconds(1))
}
