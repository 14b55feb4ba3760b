import PenstockHTTP
import PenstockJSON
import PenstockServing
import Testing
import penstock

@Suite struct RequestLogTests {
    private static func record(path: String = "/models/m", key: String? = "search") -> RequestRecord {
        var facts = RequestNotes.Facts()
        (facts.key, facts.model, facts.task, facts.tokens) = (key, "m", "fill-mask", 12)
        facts.timing = RequestTiming()
        facts.timing?.queue = .microseconds(1500)
        return RequestRecord(
            id: "9f", method: "POST", path: path, status: 200, code: nil, duration: .milliseconds(14.25), facts: facts)
    }

    @Test func aLineOfTextHasWhatIsKnown() {
        let line = String(decoding: RequestLog.text(Self.record()), as: UTF8.self)
        #expect(
            line.hasSuffix(
                "Z info request: POST /models/m 200 id=9f key=search model=m task=fill-mask tokens=12 total_ms=14.25 "
                    + "queue_ms=1.5 inference_ms=0.0\n"))
    }

    @Test func aTextThatWasGeneratedIsToldWithItsTokens() {
        var facts = RequestNotes.Facts()
        facts.generation = GenerationFacts()
        facts.generation?.generatedTokens = 9
        let record = RequestRecord(
            id: "9f", method: "POST", path: "/", status: 200, code: nil, duration: .milliseconds(1), facts: facts)
        #expect(String(decoding: RequestLog.text(record), as: UTF8.self).contains(" generated_tokens=9 total_ms=1.0"))
    }

    @Test func aLineOfJSONIsAnObject() throws {
        let line = RequestLog.json(Self.record(path: "/\u{1}\n\"", key: nil))
        #expect(line.last == UInt8(ascii: "\n") && line.dropLast().contains(UInt8(ascii: "\n")) == false)
        let object = try JSONValue(parsing: line)
        #expect(object["path"]?.string == "/\u{1}\n\"" && object["tokens"]?.integer == 12)
        #expect(object["key"] == nil && object["code"] == nil && object["total_ms"]?.double == 14.25)
        #expect(object["time"]?.string?.hasSuffix("Z") == true)
    }

    @Test func aTextOfAClientLooksLikeNoLine() {
        let line = String(
            decoding: RequestLog.text(Self.record(path: "/\n2026-11-28 error penstock: \u{1B}[31m")), as: UTF8.self)
        #expect(line.split(separator: "\n").count == 1)
        #expect(!line.contains("\u{1B}"))
    }
}
