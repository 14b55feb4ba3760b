import Foundation
import PenstockTestSupport
import Testing

/// Servers whose models have to be asked for at a Hub.
@Suite(.blocking) struct HubServerTests {
    /// What asks a Hub before it serves, and gets no answer, serves all the same what it has.
    @Test func servesBehindQuestionsToAHub() throws {
        let cache = try CachedCheckpoint("org/tiny", of: "bert-tiny")
        let server = try ServerProcess(
            "org/tiny",
            environment: [
                "HF_ENDPOINT": "http://127.0.0.1:1", "HF_HUB_OFFLINE": "0", "HF_HUB_CACHE": cache.path,
            ])
        #expect(try server.ask(body: "a [MASK]").status == 200)
        #expect(try server.ask("POST", "/models/org/tiny", body: "a [MASK]").status == 200)
        server.signal(SIGTERM)
        #expect(server.status() == 0)
    }
}
