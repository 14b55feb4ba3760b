import NIOCore
import Synchronization

/// One connection, for those who ask about it from other threads.
package final class ConnectionState: Sendable {
    /// The connection that the running task serves; nil in a test without sockets.
    @TaskLocal static var current: ConnectionState?

    private let channel: any Channel
    private let hasLeft = Atomic<Bool>(false)
    /// Odd while a request is being served; each change ends a spell in which it was idle or busy.
    private let spells = Atomic<Int>(0)

    package init(_ channel: any Channel) { self.channel = channel }

    /// The client has closed its side, which is taken as that it wants no more answers.
    var clientIsGone: Bool { hasLeft.load(ordering: .relaxed) }

    func clientHasLeft() { hasLeft.store(true, ordering: .relaxed) }

    /// The number of the idle spell that it is in; nil while a request is served.
    var idleSpell: Int? {
        let spell = spells.load(ordering: .relaxed)
        return spell.isMultiple(of: 2) ? spell : nil
    }

    /// Begins the next spell: called when its first request comes, and when its last is answered.
    package func beginSpell() { spells.wrappingAdd(1, ordering: .relaxed) }

    func close() { channel.close(promise: nil) }
}
