import PenstockCompute
import Synchronization

/// An account of the memory that models take, those that are being loaded included.
///
/// Memory that is reserved need not be in use yet, and what the system calls available may be promised already. So what the
/// process has and could still have is compared with all reservations together.
package final class MemoryLedger: MemoryAccount {
    /// Bytes that a model has, or what is to become one.
    package typealias Reservation = MemoryReservation<MemoryLedger>

    /// That of the process.
    package static let shared = MemoryLedger()

    /// The bytes that all reservations together may have; nil for what the process may take.
    package let budget: Int?
    private let limit: @Sendable () -> MemoryLimit?
    private let ownBytes: @Sendable () -> Int
    /// Bytes that the process had before anything was reserved.
    private let base: Int
    private let reserved = Mutex(0)

    /// - Parameters:
    ///   - budget: the bytes that all reservations together may have; nil for what the process may take
    ///   - limit: finds what the process may take; nil for any
    ///   - ownBytes: finds what the process has of it
    package init(
        budget: Int? = nil, limit: @escaping @Sendable () -> MemoryLimit? = { .current() },
        ownBytes: @escaping @Sendable () -> Int = { MemoryLedger.anonymousBytes() }
    ) {
        (self.budget, self.limit, self.ownBytes) = (budget, limit, ownBytes)
        base = ownBytes()
    }

    /// The bytes that are reserved.
    package var bytesReserved: Int { reserved.withLock { $0 } }

    /// The tightest limit with all that is reserved counted as used; nil if there is none.
    package var room: MemoryLimit? { tightest(found(), reserving: bytesReserved) }

    /// The bytes that can be reserved now; nil if there is no limit.
    package var bytesFree: Int? { room.map { max(0, $0.available - $0.margin) } }

    /// The bytes of the limit that are neither reserved nor others': those of requests; nil if there is no limit.
    package var bytesUnreserved: Int? {
        found().map { max(0, $0.whole.limit - max(0, $0.whole.used - $0.own) - bytesReserved) }
    }

    /// A reservation of nothing yet.
    package var nothing: Reservation { Reservation(0, of: self) }

    /// Takes bytes.
    ///
    /// - Parameter purpose: what for, as the message of the error names it
    /// - Throws: ``WorkspaceError`` if there are not as many.
    package func reserve(_ bytes: Int, for purpose: String) throws(WorkspaceError) -> Reservation {
        // Found out before the lock is taken: files are read for it.
        let found = found()
        let missing = reserved.withLock { reserved -> (MemoryLimit, Int)? in
            if let room = tightest(found, reserving: reserved), bytes > room.available - room.margin {
                return (room, bytes - (room.available - room.margin))
            }
            reserved += bytes
            return nil
        }
        guard let (room, bytesMissing) = missing else { return Reservation(bytes, of: self) }
        throw WorkspaceError(
            message:
                "\(purpose) needs \(Size.mebibytes(bytes, .up)), but only \(Size.mebibytes(room.available, .down)) "
                + "of memory are left (\(room))"
                + (room.margin > 0 ? ", of which \(Size.mebibytes(room.margin)) are kept free; " : "; ")
                + "free \(Size.mebibytes(bytesMissing, .up))"
                + (room.source == .system ? "" : ", or raise the limit by as much"))
    }

    /// The limit, and what the process has of it since before the first reservation.
    private struct Found {
        let whole: MemoryLimit
        let own: Int

        /// Returns a limit in which reserved memory counts as used, whether it is in use yet or not.
        func limit(reserving reserved: Int) -> MemoryLimit {
            MemoryLimit(
                whole.source, limit: whole.limit, used: max(0, whole.used - own) + max(reserved, own))
        }
    }

    /// The tightest limit.
    private func tightest(_ found: Found?, reserving reserved: Int) -> MemoryLimit? {
        let limits = [
            found?.limit(reserving: reserved), budget.map { MemoryLimit(.budget, limit: $0, used: reserved) },
        ]
        return limits.compactMap { $0 }.min { $0.available - $0.margin < $1.available - $1.margin }
    }

    private func found() -> Found? { limit().map { Found(whole: $0, own: max(0, ownBytes() - base)) } }

    package func giveBack(_ bytes: Int) { reserved.withLock { $0 -= bytes } }

    /// The bytes of memory that is no file's, of this process; 0 where the system does not tell.
    package static func anonymousBytes(processes: String = "/proc") -> Int {
        (KernelFile("\(processes)/self/status")?.value(of: "RssAnon:") ?? 0) * 1024
    }
}

extension MemoryReservation<MemoryLedger> {
    /// Takes a part of another one in.
    package func take(_ bytes: Int, from other: MemoryLedger.Reservation) { add(other.remove(bytes)) }
}
