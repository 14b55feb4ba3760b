import Foundation
import PenstockJSON
import PenstockTestSupport
import Testing

/// The rules of the gate on the real server, with many clients at a time.
@Suite(.serialized, .blocking) struct OverloadTests {
    private static let words = ["the", "cat", "sat", "on", "mat", "people", "one"]

    /// Texts of different lengths, each with a mask.
    private static func texts(_ count: Int) -> [String] {
        (0..<count).map { index in
            let chosen = (0..<(2 + index % 9)).map { words[(index + 3 * $0) % words.count] }
            return (chosen + ["[MASK]"]).joined(separator: " ")
        }
    }

    /// A request of so many texts, as JSON.
    private static func request(_ count: Int) -> String {
        let quoted = texts(count).map { "\"\($0)\"" }
        return "{\"inputs\": [\(quoted.joined(separator: ","))]}"
    }

    @Test func aBurstIsAnsweredOnceEachAndBitwiseAsAlone() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"))
        let texts = Self.texts(25)
        let alone = try texts.map { try server.ask(body: $0).body }
        let connections = try (0..<500).map { _ in try Connection(port: server.port) }
        for (index, connection) in connections.enumerated() {
            try connection.send("POST", "/", body: texts[index % texts.count])
        }
        for (index, connection) in connections.enumerated() {
            let reply = try connection.reply()
            #expect(reply.status == 200)
            #expect(reply.body == alone[index % texts.count])
            #expect(reply.headers["server-timing"]?.contains("batch;desc=") == true)
        }
        #expect(try server.metric("penstock_queue_items") == 0)
        #expect(try server.metric("penstock_queue_tokens") == 0)
    }

    @Test func whatDoesNotFitTheQueueIsRefusedAtOnceWithATimeToComeBack() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"), ["--max-queue-tokens", "200"])
        let list = Self.request(16)
        let alone = try server.ask(headers: ["Content-Type": "application/json"], body: list)
        #expect(alone.status == 200)
        let connections = try (0..<200).map { _ in try Connection(port: server.port) }
        for connection in connections {
            try connection.send("POST", "/", headers: ["Content-Type": "application/json"], body: list)
        }
        for connection in connections {
            let reply = try connection.reply()
            if reply.status == 200 {
                #expect(reply.body == alone.body)
            } else {
                #expect(reply.status == 503)
                #expect(try JSONValue(parsing: reply.body)["error"]?["code"]?.string == "overloaded")
                let seconds = try #require(reply.headers["retry-after"].flatMap { Int($0) })
                #expect((1...60).contains(seconds))
            }
        }
        #expect(try server.ask(headers: ["Content-Type": "application/json"], body: list).status == 200)
        let tooLarge = Self.request(100)
        #expect(try server.ask(headers: ["Content-Type": "application/json"], body: tooLarge).status == 413)
    }

    /// The first request waits for company and fills the queue, so that the smallest one would be refused.
    @Test func whatWouldBeRefusedInAnyCaseIsNotRead() throws {
        let server = try ServerProcess(
            Fixtures.checkpoint("bert-tiny"), ["--max-queue-tokens", "4", "--batch-linger", "60"])
        let first = try Connection(port: server.port)
        try first.send("POST", "/", body: "a [MASK]")
        while try server.metric("penstock_queue_items") != 1 {}
        let paths = [("/", 503), ("/v2/models/bert-tiny/infer", 429), ("/v1/models/bert-tiny:predict", 429)]
        for (path, status) in paths {
            let reply = try server.ask(
                "POST", path, headers: ["Content-Type": "application/json"], body: "{no JSON")
            #expect(reply.status == status)
            #expect(reply.headers["retry-after"] != nil)
            #expect(reply.headers["connection"] != "close")
        }
        #expect(try server.metric("penstock_rejections_total", #"reason="overloaded""#) == 3)
    }

    @Test func aSlowBodyEndsAtTheDeadline() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"))
        let slow = try Connection(port: server.port)
        try slow.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\nX-Request-Timeout: 0.2\r\n\r\nthe cat")
        let reply = try slow.reply()
        #expect(reply.status == 504)
        #expect(try JSONValue(parsing: reply.body)["error"]?["code"]?.string == "deadline_exceeded")
        #expect(try server.ask(body: "a [MASK]").status == 200)
    }

    @Test func aDeadlineThatCannotBeMetIsRefusedOrAnswered504() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"))
        let reply = try server.ask(headers: ["X-Request-Timeout": "0.000001"], body: "a [MASK]")
        #expect([503, 504].contains(reply.status))
        for nonsense in ["0", "-1", "soon", "nan", "inf"] {
            #expect(try server.ask(headers: ["X-Request-Timeout": nonsense], body: "a [MASK]").status == 400)
        }
        #expect(try server.ask(headers: ["X-Request-Timeout": "1e300"], body: "a [MASK]").status == 200)
    }

    @Test func clientsThatHangUpLeaveNothingBehind() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"))
        for index in 0..<200 {
            let connection = try Connection(port: server.port)
            if index.isMultiple(of: 2) {
                try connection.send("POST", "/", body: "a [MASK]")
            } else {
                try connection.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\na [M")
            }
        }
        #expect(try server.ask(body: "a [MASK]").status == 200)
        #expect(try server.metric("penstock_queue_items") == 0)
    }

    /// An idle engine that waits for company leaves time to hang up.
    @Test func workOfClientsThatHungUpIsNotRun() throws {
        let server = try ServerProcess(Fixtures.checkpoint("bert-tiny"), ["--batch-linger", "5"])
        for _ in 0..<10 { try Connection(port: server.port).send("POST", "/", body: "a [MASK]") }
        while try server.metric("penstock_requests_total", #"outcome="client_gone""#) != 10 {}
        #expect(try server.metric("penstock_forward_seconds_count") == 0)
        #expect(try server.metric("penstock_queue_items") == 0)
    }

    @Test func onePoisonedTextDoesNotTakeItsNeighboursAlong() throws {
        let (checkpoint, poison) = try PoisonedCheckpoint.make()
        let server = try ServerProcess(checkpoint.path)
        let texts = Self.texts(20)
        let alone = try texts.map { try server.ask(body: $0).body }
        let connections = try (0..<60).map { _ in try Connection(port: server.port) }
        for (index, connection) in connections.enumerated() {
            try connection.send("POST", "/", body: index % 3 == 0 ? "the \(poison)" : texts[index % texts.count])
        }
        for (index, connection) in connections.enumerated() {
            let reply = try connection.reply()
            if index % 3 == 0 {
                #expect(reply.status == 500)
                #expect(try JSONValue(parsing: reply.body)["error"]?["code"]?.string == "non_finite_output")
            } else {
                #expect(reply.status == 200)
                #expect(reply.body == alone[index % texts.count])
            }
        }
    }
}

/// A checkpoint one of whose tokens makes the model compute NaN.
enum PoisonedCheckpoint {
    static func make() throws -> (TemporaryDirectory, poison: String) {
        let directory = try TemporaryDirectory(copyOf: Fixtures.checkpoint("bert-encoder"))
        var bytes = try directory.read("model.safetensors")
        let headerSize = bytes[..<8].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        let header = try JSONValue(parsing: bytes[8..<8 + headerSize])
        let table = try #require(header.object?.entries.first { $0.key.hasSuffix("word_embeddings.weight") }?.value)
        let start = try #require(table["data_offsets"]?.array?.first?.integer)
        let columns = try #require(table["shape"]?.array?.last?.integer)
        let vocabulary = try #require(try Fixtures.json("\(directory.path)/tokenizer.json")["model"]?["vocab"])
        let token = try #require(vocabulary["with"]?.integer)
        let row = 8 + headerSize + start + token * columns * 4
        for offset in stride(from: row, to: row + columns * 4, by: 4) {
            bytes.replaceSubrange(offset..<offset + 4, with: [0, 0, 0xC0, 0x7F])
        }
        try directory.write("model.safetensors", bytes)
        return (directory, "with")
    }
}
