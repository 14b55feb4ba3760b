import DequeModule
import HummingbirdCore
import Synchronization

/// The open connections of a server, no more than it has descriptors for.
///
/// When there are as many as there may be, the one that has been idle for longest makes way for the next; when all are busy,
/// further ones wait to be accepted.
package final class ConnectionTable: Sendable {
    private struct State {
        var accepted = 0
        var open: [ObjectIdentifier: ConnectionState] = [:]
        var lastReport: ContinuousClock.Instant?
        /// Idle connections, the longest first; an entry whose spell is over stands for nothing.
        var idle = Deque<(connection: ConnectionState, spell: Int)>()

        mutating func noteIdle(_ connection: ConnectionState) {
            guard let spell = connection.idleSpell else { return }
            idle.append((connection, spell))
            forgetSpells()
        }

        /// Keeps as many entries as there are connections, about: each holds its connection.
        mutating func forgetSpells() {
            guard idle.count > 2 * open.count + 64 else { return }
            idle.removeAll { [open] in
                $0.connection.idleSpell != $0.spell || open[ObjectIdentifier($0.connection)] == nil
            }
        }

        mutating func longestIdle() -> ConnectionState? {
            while let (connection, spell) = idle.popFirst() {
                if connection.idleSpell == spell, open[ObjectIdentifier(connection)] != nil { return connection }
            }
            return nil
        }
    }

    private static let reportInterval = Duration.seconds(60)

    private let limit: Int
    private let state = Mutex(State())
    private let report: @Sendable (_ message: String) -> Void

    /// - Parameter report: is told now and then when there are as many connections as there may be.
    package init(limit: Int, report: @escaping @Sendable (_ message: String) -> Void = { _ in }) {
        self.limit = limit
        self.report = report
    }

    package func add(_ connection: ConnectionState) {
        state.withLock { state in
            state.open[ObjectIdentifier(connection)] = connection
            state.noteIdle(connection)
        }
    }

    package func remove(_ connection: ConnectionState) {
        state.withLock { state in
            state.open[ObjectIdentifier(connection)] = nil
            state.forgetSpells()
        }
    }

    /// Takes note that a connection has no request in flight any more.
    package func noteIdle(_ connection: ConnectionState) { state.withLock { $0.noteIdle(connection) } }

    func closeAll() { for connection in state.withLock({ Array($0.open.values) }) { connection.close() } }

    /// A delegate that the server asks before it accepts a connection, and tells when one comes and goes.
    package var acceptance: some AvailableConnectionsDelegate { Acceptance(table: self) }

    private struct Acceptance: AvailableConnectionsDelegate {
        let table: ConnectionTable

        mutating func connectionOpened() {
            let (longestIdle, reports) = table.state.withLock { state -> (ConnectionState?, Bool) in
                state.accepted += 1
                guard state.accepted >= table.limit else { return (nil, false) }
                let now = ContinuousClock.now
                let reports = state.lastReport.map { $0 + ConnectionTable.reportInterval < now } ?? true
                if reports { state.lastReport = now }
                return (state.longestIdle(), reports)
            }
            longestIdle?.close()
            if reports {
                table.report(
                    "all \(table.limit) connections are taken: idle ones are closed, and new ones may have to wait")
            }
        }

        mutating func connectionClosed() { table.state.withLock { $0.accepted -= 1 } }

        func isAcceptingNewConnections() -> Bool { table.state.withLock { $0.accepted < table.limit } }
    }
}
