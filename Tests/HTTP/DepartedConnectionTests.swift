import NIOEmbedded
import PenstockHTTP
import Testing

@Suite struct DepartedConnectionTests {
    private final class Weak {
        weak var connection: ConnectionState?

        init(_ connection: ConnectionState) { self.connection = connection }
    }

    /// Clients that come, ask for something or nothing, and leave while their connections are idle.
    @Test(arguments: [0, 1, 3]) func connectionsThatHaveLeftAreNotKept(requests: Int) {
        let table = ConnectionTable(limit: 1000)
        let stays = ConnectionState(EmbeddedChannel())
        table.add(stays)
        var left: [Weak] = []
        for _ in 0..<1000 {
            let connection = ConnectionState(EmbeddedChannel())
            table.add(connection)
            for _ in 0..<requests {
                connection.beginSpell()
                connection.beginSpell()
                table.noteIdle(connection)
            }
            left.append(Weak(connection))
            table.remove(connection)
        }
        #expect(left.count { $0.connection != nil } < 100)
    }

    @Test func manyThatLeaveAtOnceAreNotKept() {
        let table = ConnectionTable(limit: 10_000)
        var connections = (0..<2000).map { _ in ConnectionState(EmbeddedChannel()) }
        for connection in connections { table.add(connection) }
        let left = connections.map(Weak.init)
        for connection in connections { table.remove(connection) }
        connections = []
        #expect(left.count { $0.connection != nil } < 100)
    }
}
