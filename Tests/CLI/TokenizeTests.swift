import Foundation
import PenstockJSON
import PenstockTestSupport
import Testing

/// `penstock tokenize` as a user meets it.
@Suite(.blocking) struct TokenizeTests {
    /// A directory with a tokenizer and no model.
    private let model = Fixtures.path("tokenizer-families/bert")

    @Test func aLineOfInputGivesALineOfJSON() throws {
        let result = try Command.run(["tokenize", model, "--json"], input: "the gate\n\nthe\r\n")
        #expect(result.status == 0)
        #expect(result.lines.count == 3)
        let first = try JSONValue(parsing: result.lines[0].utf8)
        #expect(
            first.object?.entries.map(\.key) == ["ids", "type_ids", "tokens", "offsets", "special_tokens_mask"])
        #expect(first["tokens"] == .array(["[CLS]", "the", "gate", "[SEP]"].map(JSONValue.string)))
        #expect(first["offsets"] == (try JSONValue(parsing: "[[0,0],[0,3],[4,8],[0,0]]".utf8)))
        #expect(first["special_tokens_mask"] == (try JSONValue(parsing: "[1,0,0,1]".utf8)))
        #expect(try JSONValue(parsing: result.lines[2].utf8)["ids"]?.array?.count == 3)
        let given = try Command.run(["tokenize", model, "--json", "the gate", "", "the"])
        #expect(given.output == result.output)
    }

    @Test func linesOfJSONMayBePairs() throws {
        let result = try Command.run(
            ["tokenize", model, "--json", "--jsonl", "--no-special"],
            input: #"["the", "gate"]"# + "\n" + #"{"text": "the", "text_pair": "gate"}"# + "\n" + #""the\ngate""#)
        #expect(result.status == 0)
        let lines = try result.lines.map { try JSONValue(parsing: $0.utf8) }
        #expect(lines.count == 3)
        #expect(lines[0] == lines[1])
        #expect(lines[0]["type_ids"] == .array([.integer(0), .integer(1)]))
        #expect(lines[2]["offsets"] == (try JSONValue(parsing: "[[0,3],[4,8]]".utf8)))
    }

    /// Of several GGUF files the one that is wished for.
    @Test func vocabulariesOfGGUF() throws {
        let folder = Fixtures.path("gguf-encoders")
        let result = try Command.run(["tokenize", folder, "--gguf", "bert-encoder.gguf", "--json", "the cat"])
        #expect(result.status == 0, "\(result.errors)")
        let first = try JSONValue(parsing: try #require(result.lines.first).utf8)
        let checkpoint = try Command.run(["tokenize", Fixtures.checkpoint("bert-encoder"), "--json", "the cat"])
        #expect(first == (try JSONValue(parsing: try #require(checkpoint.lines.first).utf8)))
        #expect(first["tokens"] == .array(["[CLS]", "the", "c", "##a", "##t", "[SEP]"].map(JSONValue.string)))
        #expect(try Command.run(["tokenize", folder, "the"]).errors.contains("name the file of one"))
    }

    @Test func withoutJSONATableIsShown() throws {
        let result = try Command.run(["tokenize", model, "the\u{200D} gate", "the"])
        #expect(result.status == 0)
        let tables = String(decoding: result.output, as: UTF8.self).components(separatedBy: "\n\n")
        #expect(tables.count == 3 && tables[2].isEmpty)
        let rows = tables[0].split(separator: "\n").map { $0.split(separator: " ") }
        #expect(rows.map(\.count) == [4, 5, 4, 4, 5])
        #expect(rows[0] == ["id", "offsets", "type", "token"])
        #expect(rows[1].dropFirst() == ["0-0", "0", "[CLS]", "(special)"])
        #expect(rows[3].dropFirst() == ["5-9", "0", "gate"])
    }

    @Test func decodingGoesTheOtherWay() throws {
        let texts = "the gate\nwhat may enter\n"
        let encoded = try Command.run(["tokenize", model, "--json"], input: texts)
        let decoded = try Command.run(
            ["tokenize", model, "--decode", "--no-special"], input: String(decoding: encoded.output, as: UTF8.self))
        #expect(String(decoding: decoded.output, as: UTF8.self) == texts)
        let ids = try #require(try JSONValue(parsing: encoded.lines[0].utf8)["ids"]?.array?.compactMap(\.integer))
        for written in ["\(ids)", ids.map(String.init).joined(separator: " ")] {
            let result = try Command.run(["tokenize", model, "--decode", "--json"], input: written)
            #expect(result.lines == [#""[CLS] the gate [SEP]""#])
        }
    }

    @Test func saysWhichLineItCannotAnswer() throws {
        let result = try Command.run(
            ["tokenize", model, "--jsonl"], input: "[\n{}\n[1,2]\n[\"a\",\"b\",\"c\"]\n\"a\"\n")
        #expect(result.status == 1)
        let codes = result.lines.prefix(4).map { try? JSONValue(parsing: $0.utf8)["error"]?["code"]?.string }
        #expect(codes == ["malformed_json", "invalid_inputs", "invalid_inputs", "invalid_inputs"])
        #expect(result.lines.count == 4 + 4)
        let ids = try Command.run(["tokenize", model, "--decode"], input: "1 x\n{\"ids\": 3}\n99999999999\n")
        #expect(ids.status == 1)
        #expect(ids.lines.count == 3 && ids.lines.allSatisfy { $0.contains("invalid_inputs") })
    }

    @Test(
        arguments: [
            (["no/such/directory", "x"], 1, "no/such/directory"),
            ([Fixtures.path("minilm"), "x"], 1, "tokenizer.json"),
            ([], 2, "model"), (["x", "--jsonl", "y"], 2, "--jsonl"),
        ] as [([String], Int32, String)])
    func saysWhatIsWrong(arguments: [String], status: Int32, mention: String) throws {
        let result = try Command.run(["tokenize"] + arguments)
        #expect(result.status == status)
        #expect(result.errors.contains(mention))
        #expect(result.output.isEmpty)
    }
}
