import Foundation
import PenstockTestSupport
import Testing

/// A server that goes down where balancers have to hear of it first.
@Suite(.serialized, .blocking) struct DrainDelayTests {
    @Test func requestsAreTakenWhileBalancersHearOfIt() throws {
        // The second signal ends what the delay would not.
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"), ["--drain-delay", "3600"])
        server.signal(SIGTERM)
        while try server.ask("GET", "/ready").status == 200 {}
        let reply = try server.ask(body: "the cat [MASK]")
        #expect(reply.status == 200)
        #expect(reply.headers["connection"] == "close")
        server.signal(SIGTERM)
        #expect(server.status() == 128 + SIGTERM)
    }

    @Test func thenItGoesDown() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"), ["--drain-delay", "0.2"])
        server.signal(SIGTERM)
        #expect(server.status() == 0)
    }
}
