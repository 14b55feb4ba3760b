import PenstockJSON
import PenstockTestSupport

/// Changes documents: values of other kinds and beyond all bounds, keys that are missing, wrong or there twice, long
/// lists and texts, deep nesting, and parts of other documents.
struct DocumentMutation: Sendable {
    /// All values of good documents.
    private let values: [JSONValue]
    /// All keys of good documents, and some more.
    private let keys: [String]

    init(_ documents: [JSONValue]) {
        var values: [JSONValue] = []
        for document in documents { Self.collect(document, into: &values) }
        self.values = values + [.null]
        keys =
            Set(values.flatMap { ($0.object?.entries ?? []).map(\.key) }).sorted()
            + ["stream", "n", "$ref", "pattern", "allOf", "oneOf", "const", "minLength", "uniqueItems", "logit_bias"]
    }

    private static func collect(_ value: JSONValue, into values: inout [JSONValue]) {
        values.append(value)
        for element in value.array ?? [] { collect(element, into: &values) }
        for entry in value.object?.entries ?? [] { collect(entry.value, into: &values) }
    }

    /// The document with one change, most often far inside.
    func changed(_ document: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
        let isInside = random.below(5) > 0
        switch document {
        case .object(let object) where isInside && !object.entries.isEmpty:
            let entries = object.entries.map { ($0.key, $0.value) }
            return .object(JSONObject(changed(entries: entries, &random)))
        case .array(let elements) where isInside && !elements.isEmpty:
            return .array(changed(elements: elements, &random))
        default: return value(&random)
        }
    }

    private func changed(
        entries: [(String, JSONValue)], _ random: inout SeededGenerator
    ) -> [(String, JSONValue)] {
        var entries = entries
        let index = random.below(entries.count)
        let other = random.below(entries.count)
        let (key, old) = entries[index]
        switch random.below(14) {
        case 0: entries.remove(at: index)
        case 1: entries.insert((key, value(&random)), at: other)
        case 2: entries[index] = (random.element(of: keys), old)
        case 3: entries[index] = (key + random.element(of: ["x", "", "_", "\u{0}", ".", "\u{E9}"]), old)
        case 4: entries.append((random.element(of: keys), random.element(of: values)))
        case 5: entries.append((random.element(of: keys), value(&random)))
        case 6: entries[index] = (key, value(&random))
        case 7:
            entries[index] = (key, entries[other].1)
            entries[other] = (entries[other].0, old)
        default: entries[index] = (key, changed(old, &random))
        }
        return entries
    }

    private func changed(elements: [JSONValue], _ random: inout SeededGenerator) -> [JSONValue] {
        var elements = elements
        let index = random.below(elements.count)
        switch random.below(7) {
        case 0: elements.remove(at: index)
        case 1:
            let count = random.element(of: [1, 2, 100, 3000])
            elements.insert(contentsOf: Array(repeating: elements[index], count: count), at: index)
        case 2: elements.insert(value(&random), at: index)
        default: elements[index] = changed(elements[index], &random)
        }
        return elements
    }

    /// A value that need not be one of JSON.
    private func value(_ random: inout SeededGenerator, depth: Int = 0) -> JSONValue {
        switch random.below(depth > 2 ? 10 : 13) {
        case 0: return .null
        case 1: return .bool(random.below(2) == 0)
        case 2: return .integer(random.element(of: Self.integers))
        case 3: return .double(random.element(of: Self.doubles))
        case 4, 5: return LooseJSON.raw(random.element(of: Self.texts))
        case 6: return .string(random.element(of: Self.strings))
        case 7:
            let piece = random.element(of: Self.pieces)
            return .string(String(repeating: piece, count: random.element(of: [1, 50, 5000, 100_000])))
        case 8: return random.element(of: [.array([]), .object(JSONObject())])
        case 9: return random.element(of: values)
        case 10:
            let count = random.below(5)
            return .array((0..<count).map { _ in value(&random, depth: depth + 1) })
        case 11:
            let element = random.element(of: values)
            return .array(Array(repeating: element, count: random.element(of: [1, 2, 100, 1000, 20_000])))
        default: return nested(&random)
        }
    }

    /// A value within many others.
    private func nested(_ random: inout SeededGenerator) -> JSONValue {
        let (opening, closing) = random.element(of: [
            ("[", "]"), (#"{"a":"#, "}"), (#"[{"type":"object","properties":{"a":"#, "}}]"),
        ])
        // What the server takes and sends back, within something, has to be what its reader takes.
        let count = random.element(of: [20, 70, 300, 5000, 50_000])
        let end = random.below(5) > 0 ? String(repeating: closing, count: count) : ""
        return LooseJSON.raw(String(repeating: opening, count: count) + "1" + end)
    }

    private static let integers: [Int] = [
        0, -1, 1, 2, 3, 7, 64, 100, 128, 129, 1000, 1 << 31, 1 << 32, 1 << 40, .max, .min,
    ]
    private static let doubles: [Double] = [0.5, -0.0, 1e300, 1e-300, 1e-45, 0.999_999, -1.5, 1.0, 2.0, 1e39]
    private static let pieces = [
        "a", "b ", "[", "{", "\"", "\\", "\u{E9}", "\n", "\u{1}", "\u{1F600}", "a [MASK] ",
    ]
    private static let strings = [
        "", "a", "t5 t6", "[MASK]", "a [MASK] b", "\u{2028}", "{", "}}", "<tool_call>", "words", "masks", "true", "1",
        "\u{0}", "none", "auto", "data:", "\n\n", "\r\n", "[DONE]", "(a*)*b", "[", "\u{FEFF}", "BYTES", "BF16",
    ]
    private static let texts =
        [
            "1e400", "-1e400", "-0", "-0.0", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
            "18446744073709551615", "18446744073709551616", "1e308", "1e-400", "NaN", "Infinity", "-Infinity", "0.1e1",
            "1e1000000000", #""\ud800""#, #""\udc00\ud800""#, #""\ud83d\ude00""#, #""\u0000""#, "tru", "'a'", "", "[",
            "{", "3.5e38", "01", "+1", ".5", "1.", #""a"#, #""\x""#, "/**/", ",", "65536",
        ] + [String(repeating: "1", count: 400), "0." + String(repeating: "0", count: 400) + "1"]
}
