import Foundation
import PenstockJSON
import PenstockTestSupport
import Testing

/// A server by a configuration file.
@Suite struct ServerConfigurationTests {
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
        // Keys are read again.
        try directory.write(
            "penstock.yaml",
            """
            dtype: bfloat16
            models:
              - name: org/masks
                model: \(Fixtures.checkpoint("bert-tiny"))
                task: feature-extraction
                dtype: float32
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
    }

    @Test func modelsOfTheEnvironment() throws {
        let server = try server(
            "models: [./nothing]\n", ["PENSTOCK_MODELS": "masks=\(Fixtures.checkpoint("bert-tiny"))"])
        #expect(try server.ask("POST", "/models/masks", body: "a [MASK]").status == 200)
    }
}
