import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// `GET /openapi.json`.
@Suite struct OpenAPITests {
    private static func server(keys: KeyStore? = nil) throws -> TestServer {
        try TestServer(keys: keys) { server in
            try [("masks", "bert-tiny"), ("org/labels", "bert-sequence")].map { name, checkpoint in
                try ModelSource(name: name, directory: Fixtures.checkpoint(checkpoint), serving: .patient())
                    .load(on: server.store.scheduler, metrics: server.registry)
            }
        }
    }

    /// A line for each operation: its method and path, the names of its bodies' types, and its statuses with the forms of errors.
    private static func outline(_ document: JSONValue) -> [String] {
        func types(_ holder: JSONValue?) -> String {
            (holder?["content"]?.object?.entries ?? []).map(\.key).joined(separator: "|")
        }
        return (document["paths"]?.object?.entries ?? []).flatMap { path in
            (path.value.object?.entries ?? []).map { method in
                let statuses = (method.value["responses"]?.object?.entries ?? []).map { response in
                    let form = response.value["$ref"]?.string?.split(separator: "/").last.map(String.init)
                    return "\(response.key) \(form ?? types(response.value))"
                }
                let body = types(method.value["requestBody"])
                return "\(method.key) \(path.key) [\(body)] \(statuses.joined(separator: ", "))"
            }
        }
    }

    @Test func theOutlineIsTheRecordedOne() async throws {
        let document = try await Self.server().send(.get, "/openapi.json").json
        let recorded = try String(decoding: Fixtures.bytes(atPath: Fixtures.path("openapi.txt")), as: UTF8.self)
        let lines = recorded.split(separator: "\n").map(String.init)
        let found = Self.outline(document)
        for line in found where !lines.contains(line) { Issue.record("not in openapi.txt: \(line)") }
        for line in lines where !found.contains(line) { Issue.record("only in openapi.txt: \(line)") }
    }

    /// Each route has a description of its own.
    @Test func everyRouteIsDescribed() async throws {
        let document = try await Self.server().send(.get, "/openapi.json").json
        for (path, item) in (document["paths"]?.object?.entries ?? []).map({ ($0.key, $0.value) }) {
            for operation in item.object?.entries ?? [] {
                let tags = operation.value["tags"]?.array?.compactMap(\.string) ?? []
                #expect(!tags.isEmpty && tags != ["others"], "\(operation.key) \(path)")
                #expect(operation.value["summary"]?.string?.isEmpty == false)
            }
        }
    }

    @Test func referencesLeadSomewhereAndOperationsHaveNamesOfTheirOwn() async throws {
        let document = try await Self.server(keys: KeyStore(["secret"])).send(
            .get, "/openapi.json", [.authorization: "Bearer secret"]
        ).json
        var references: Set<String> = []
        var identifiers: [String] = []
        func walk(_ value: JSONValue) {
            for entry in value.object?.entries ?? [] {
                if entry.key == "$ref", let reference = entry.value.string { references.insert(reference) }
                if entry.key == "operationId", let name = entry.value.string { identifiers.append(name) }
                walk(entry.value)
            }
            for element in value.array ?? [] { walk(element) }
            #expect(value.object?.firstDuplicateKey == nil)
        }
        walk(document)
        #expect(!references.isEmpty)
        for reference in references {
            let parts = reference.split(separator: "/").dropFirst()
            let target = parts.reduce(document as JSONValue?) { $0?[String($1)] }
            #expect(target != nil, "\(reference)")
        }
        #expect(Set(identifiers).count == identifiers.count)
        let schemes = document["components"]?["securitySchemes"]?.object?.entries.map(\.key)
        #expect(schemes == ["bearer", "x-api-key", "api-key"])
        #expect(document["paths"]?["/embed"]?["post"]?["security"]?.array?.count == 3)
        #expect(document["paths"]?["/health"]?["get"]?["security"] == nil)
    }

    @Test func bodiesSayWhatTheyNeed() async throws {
        let paths = try await Self.server().send(.get, "/openapi.json").json["paths"]
        func body(_ path: String) -> JSONValue? { paths?[path]?["post"]?["requestBody"] }
        func schema(_ path: String) -> JSONValue? { body(path)?["content"]?["application/json"]?["schema"] }
        #expect(body("/v2/repository/index")?["required"]?.bool == false)
        #expect(body("/rerank")?["required"]?.bool == true)
        let either = schema("/rerank")?["anyOf"]?.array ?? []
        #expect(either.map { $0["required"]?.array?.first?.string } == ["documents", "texts"])
        let ids = schema("/decode")?["properties"]?["ids"]?["anyOf"]?.array ?? []
        #expect(ids.map { $0["minItems"]?.integer } == [1, 1])
        #expect(schema("/apply-template")?["properties"]?["messages"]?["minItems"]?.integer == 1)
    }

    @Test func modelsAreDescribedByTheOptionsOfTheirTasks() async throws {
        let document = try await Self.server().send(.get, "/openapi.json").json
        let paths = document["paths"]
        #expect(paths?["/models/masks"]?["post"] != nil && paths?["/models/org/labels"]?["post"] != nil)
        let schemas = document["components"]?["schemas"]
        let topK = schemas?["fill-mask.parameters"]?["properties"]?["top_k"]
        #expect(topK?["type"] == .array([.string("integer"), .string("null")]))
        #expect(topK?["minimum"]?.integer == 0 && topK?["default"]?.integer == 5)
        #expect(schemas?["text-classification.input"]?["anyOf"]?.array?.count == 2)
        #expect(schemas?["text-ranking.request"] == nil)
    }

    @Test func aCallerSeesTheModelsThatItMayUse() async throws {
        let keys = #"{"keys": [{"name": "a", "key": "secret", "models": ["masks"]}]}"#
        let directory = try TemporaryDirectory()
        try directory.write("keys.json", keys.utf8)
        let server = try Self.server(keys: KeyStore([], file: "\(directory.path)/keys.json"))
        #expect(try await server.send(.get, "/openapi.json").status == 401)
        let document = try await server.send(.get, "/openapi.json", [.authorization: "Bearer secret"]).json
        #expect(document["paths"]?["/models/masks"] != nil)
        #expect(document["paths"]?["/models/org/labels"] == nil)
    }

    @Test(arguments: TaskRegistry.descriptions.map(\.name))
    func everyTaskSaysWhatItTakesAndGives(task: String) throws {
        let description = try #require(TaskRegistry.descriptions.first { $0.name == task })
        #expect(description.schemas.input != .anything && description.schemas.output != .anything)
        for option in description.options { #expect(option.kind.hasSchema, "\(option.name)") }
    }
}
