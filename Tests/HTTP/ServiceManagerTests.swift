import PenstockHTTP
import PenstockTestSupport
import Testing

/// What a service manager is told.
@Suite struct ServiceManagerTests {
    private func made(_ socket: String) -> ServiceManager? {
        ServiceManager(socket: socket) { Issue.record("\($0)") }
    }

    @Test func aServiceFromItsStartToItsEnd() throws {
        let socket = try NotificationSocket()
        let manager = try #require(made(socket.name))
        manager.tellLoading()
        #expect(try socket.next() == ["EXTEND_TIMEOUT_USEC=60000000", "STATUS=loading models"])
        manager.tellReady()
        manager.tellReady()
        manager.tellLoading()
        #expect(try socket.next() == ["READY=1", "STATUS=serving"])
        var moments: [Int] = []
        for _ in 0..<2 {
            manager.tellReloading {}
            let lines = try socket.next()
            #expect(lines.first == "RELOADING=1" && lines.count == 3)
            moments.append(try #require(lines[1].firstMatch(of: /^MONOTONIC_USEC=(\d+)$/).flatMap { Int($0.1) }))
            #expect(try socket.next().first == "READY=1")
        }
        #expect(moments[0] <= moments[1] && moments[0] > 0)
        manager.tellStopping(within: .seconds(30))
        let lines = try socket.next()
        #expect(lines.prefix(2) == ["STOPPING=1", "EXTEND_TIMEOUT_USEC=45000000"])
    }

    /// A reload does not say that a service is ready that is not.
    @Test func aReloadBeforeTheStartIsOver() throws {
        let socket = try NotificationSocket()
        let manager = try #require(made(socket.name))
        var reloads = 0
        manager.tellReloading { reloads += 1 }
        manager.tellStopping(within: .seconds(1e15))
        #expect(try socket.next().prefix(2) == ["STOPPING=1", "EXTEND_TIMEOUT_USEC=1000000000000000000"])
        #expect(reloads == 1)
    }

    #if os(Linux)
        @Test func abstractSockets() throws {
            let socket = try NotificationSocket(isAbstract: true)
            let manager = try #require(made(socket.name))
            manager.tellReady()
            #expect(try socket.next().first == "READY=1")
        }
    #endif

    @Test(arguments: ["", "/", "@", "notify", "vsock:2:1", "/\u{0}x", "/" + String(repeating: "x", count: 107)])
    func whatIsNoSocket(name: String) {
        #expect(made(name) == nil)
    }

    @Test func aSocketThatIsGoneIsReported() async {
        await confirmation { confirmed in
            let manager = ServiceManager(socket: "/no such directory/notify") {
                #expect($0.hasSuffix("No such file or directory"))
                confirmed()
            }
            manager?.tellReady()
        }
    }
}
