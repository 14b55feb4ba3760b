import Synchronization

/// Something of which bytes are taken and given back.
package protocol MemoryAccount: AnyObject, Sendable {
    /// Takes bytes back.
    func giveBack(_ bytes: Int)
}

/// Bytes of an account that are taken until nobody holds this any more.
package final class MemoryReservation<Account: MemoryAccount>: Sendable {
    let account: Account
    private let held: Mutex<Int>
    private let end = Mutex<(@Sendable () -> Void)?>(nil)

    /// - Parameter bytes: what was taken of the account
    init(_ bytes: Int, of account: Account) {
        self.account = account
        held = Mutex(bytes)
    }

    deinit {
        account.giveBack(bytes)
        end.withLock { $0 }?()
    }

    /// Has `body` called when the bytes are given back that this holds to its end.
    package func whenGone(_ body: @escaping @Sendable () -> Void) { end.withLock { $0 = body } }

    /// The bytes that it holds.
    package var bytes: Int { held.withLock { $0 } }

    /// Gives back what exceeds `size`.
    package func shrink(to size: Int) {
        let excess = held.withLock { held in
            defer { held = min(held, size) }
            return max(0, held - size)
        }
        account.giveBack(excess)
    }

    /// Holds bytes more, which were taken of the account.
    func add(_ bytes: Int) { held.withLock { $0 += bytes } }

    /// Holds bytes less without giving them back. Returns how many: no more than it has.
    func remove(_ bytes: Int) -> Int {
        held.withLock { held in
            let part = min(max(0, bytes), held)
            held -= part
            return part
        }
    }
}
