import Foundation
import PenstockJSON
import PenstockTestSupport
import Testing

/// A server by a configuration file.
@Suite(.blocking) struct ServerConfigurationTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func server(_ file: String, _ environment: [String: String] = [:]) throws -> ServerProcess {
        try directory.write("penstock.yaml", file.utf8)
        return try ServerProcess(nil, ["--config", "\(directory.path)/penstock.yaml"], environment: environment)
    }

    @Test func modelsWithSettingsOfTheirOwnAndKeys() throws {
        let server = try server(
            """
            dtype: bfloat16
            models:
              - name: org/masks
                model: \(Fixtures.checkpoint("bert-tiny"))
                task: feature-extraction
                dtype: float32
            keys:
              - name: alice
                key: "secret-1"
            """)
        #expect(try server.ask(body: "a").status == 401)
        let headers = ["Authorization": "Bearer secret-1"]
        let info = try JSONValue(parsing: server.ask("GET", "/models/org/masks", headers: headers).body)
        #expect(info["task"]?.string == "feature-extraction")
        #expect(info["dtype"]?.string == "float32")
        // Keys and models are read again.
        try directory.write(
            "penstock.yaml",
            """
            dtype: bfloat16
            models:
              - name: org/masks
                model: \(Fixtures.checkpoint("bert-tiny"))
                task: feature-extraction
                dtype: float32
              - labels=\(Fixtures.checkpoint("bert-sequence"))
            keys: [{name: bob, key: secret-2}]
            """.utf8)
        server.signal(SIGHUP)
        let next = ["Authorization": "Bearer secret-2"]
        var status = 401
        for _ in 0..<600 where status == 401 {
            status = try server.ask(headers: next, body: "a").status
            if status == 401 { usleep(50_000) }
        }
        #expect(status == 200)
        #expect(try server.ask(headers: headers, body: "a").status == 401)
        while try server.ask("POST", "/models/labels", headers: next, body: "a").status != 200 { usleep(10_000) }
        // A file that is wrong changes nothing; the keys of the next are known when it was read.
        try directory.write("penstock.yaml", "models: [./x]\nprot: 1\n".utf8)
        server.signal(SIGHUP)
        try directory.write("penstock.yaml", "models: [org/masks=./x]\nkeys: [{name: carol, key: secret-3}]\n".utf8)
        server.signal(SIGHUP)
        let last = ["Authorization": "Bearer secret-3"]
        while try server.ask("GET", "/models/org/masks", headers: last).status == 401 { usleep(10_000) }
        let reply = try server.ask("POST", "/models/org/masks", headers: last, body: "a")
        #expect(reply.status == 200, "\(reply.body)")
        while try server.ask("POST", "/models/labels", headers: last, body: "a").status != 404 { usleep(10_000) }
    }

    @Test func aModelThatFindsNoRoomIsLoadedWhenItIsAskedFor() throws {
        let server = try server(
            """
            memory: 1600kB
            load-timeout: 3600
            models:
              - masks=\(Fixtures.checkpoint("bert-tiny"))
              - {name: labels, model: "\(Fixtures.checkpoint("bert-sequence"))", weight: 2}
            """)
        for _ in 0..<3 {
            #expect(try server.ask("POST", "/models/masks", body: "a [MASK]").status == 200)
            #expect(try server.ask("POST", "/models/labels", body: "a").status == 200)
        }
        let models = try JSONValue(parsing: server.ask("GET", "/models").body)["models"]?.array ?? []
        #expect(models.compactMap { $0["status"]?.string } == ["unloaded", "ready"])
        #expect(models.compactMap { $0["weight"]?.double } == [1, 2])
    }

    /// As systemd has it of services of the type `notify`.
    @Test func theServiceManagerIsTold() throws {
        let socket = try NotificationSocket()
        let server = try server(
            "models: [masks=\(Fixtures.checkpoint("bert-tiny"))]\n", ["NOTIFY_SOCKET": socket.name])
        var first = try socket.next().first
        while first?.hasPrefix("EXTEND_TIMEOUT_USEC=") == true { first = try socket.next().first }
        #expect(first == "READY=1")
        #expect(try server.ask("GET", "/ready").status == 200)
        server.signal(SIGHUP)
        #expect(try socket.next().first == "RELOADING=1")
        #expect(try socket.next().first == "READY=1")
        server.signal(SIGTERM)
        #expect(try socket.next().first == "STOPPING=1")
        #expect(server.status() == 0)
    }

    @Test func modelsOfTheEnvironment() throws {
        let server = try server(
            "models: [./nothing]\n", ["PENSTOCK_MODELS": "masks=\(Fixtures.checkpoint("bert-tiny"))"])
        #expect(try server.ask("POST", "/models/masks", body: "a [MASK]").status == 200)
    }
}
