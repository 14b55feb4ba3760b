import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// How embeddings are given, beyond what the reference has.
@Suite struct EmbeddingEncodingTests {
    private static let texts: JSONValue = .array(["hello world", "", "the cat sat"].map(JSONValue.string))

    private static func served() throws -> ServedModel {
        try ServedModel(try JSONPipeline(directory: Fixtures.checkpoint("st-encodings"), threads: 1), .patient())
    }

    private static func answer(
        _ model: ServedModel, _ inputs: JSONValue = texts, _ parameters: [(String, JSONValue)] = []
    ) async throws -> JSONValue {
        try JSONValue(parsing: try await model.answer(inputs, parameters: JSONObject(parameters)))
    }

    private static func base64(_ answer: JSONValue) throws -> [[UInt8]] {
        try #require(answer.array).map { try #require($0.string.flatMap(bytes(ofBase64:))) }
    }

    private static func numbers(_ answer: JSONValue) throws -> [[Double]] {
        try #require(answer.array).map { try #require($0.array).compactMap(\.double) }
    }

    @Test func base64HasTheBytesOfTheNumbers() async throws {
        let model = try Self.served()
        for precision in ["float32", "float16"] {
            let parameters = [("precision", JSONValue.string(precision))]
            let numbers = try Self.numbers(try await Self.answer(model, Self.texts, parameters))
            let rows = try Self.base64(
                try await Self.answer(model, Self.texts, parameters + [("encoding_format", .string("base64"))]))
            let expected = numbers.map { row in
                row.flatMap { number in
                    precision == "float32"
                        ? Self.littleEndian(Float(number).bitPattern)
                        : Self.littleEndian(HalfPrecision.bits(nearestTo: Float(number)) ?? 0)
                }
            }
            #expect(rows == expected)
        }
    }

    private static func littleEndian(_ bits: some FixedWidthInteger) -> [UInt8] {
        (0..<bits.bitWidth / 8).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) }
    }

    @Test func halvesAreTheNearest() async throws {
        let model = try Self.served()
        let singles = try Self.numbers(try await Self.answer(model))
        let halves = try Self.numbers(try await Self.answer(model, Self.texts, [("precision", .string("float16"))]))
        let expected = singles.map { row in
            row.map { Double(HalfPrecision.number(HalfPrecision.bits(nearestTo: Float($0)) ?? 0)) }
        }
        #expect(halves == expected && halves != singles)
    }

    @Test(arguments: EmbeddingPrecision.allCases)
    func companyDoesNotMatter(precision: EmbeddingPrecision) async throws {
        let model = try Self.served()
        var parameters = [("precision", JSONValue.string(precision.rawValue)), ("encoding_format", .string("base64"))]
        if precision == .int8 || precision == .uint8 {
            parameters.append(("ranges", .array([.double(-0.5), .integer(1)])))
        }
        let together = try #require(try await Self.answer(model, Self.texts, parameters).array)
        for (text, found) in zip(try #require(Self.texts.array), together) {
            #expect(try await Self.answer(model, text, parameters) == found)
        }
    }

    private static let refused: [([(String, JSONValue)], String)] = [
        ([("precision", .string("int8"))], "ranges"), ([("precision", .string("uint8"))], "ranges"),
        ([("ranges", .array([.integer(0), .integer(1)]))], "int8"),
        ([("precision", .string("int8")), ("ranges", .array([.integer(1), .integer(0)]))], "ranges"),
        ([("precision", .string("int8")), ("ranges", .array([.double(-1e300), .integer(0)]))], "ranges"),
        ([("precision", .string("int8")), ("ranges", .array([.array([]), .array([])]))], "ranges"),
        ([("precision", .string("int8")), ("ranges", .array([.integer(0)]))], "ranges"),
        (
            [
                ("precision", .string("int8")),
                ("ranges", .array([.array([.integer(0), .integer(0)]), .array([.integer(1), .integer(1)])])),
            ], "13"
        ),
        ([("truncate_dim", .integer(14))], "13"), ([("truncate_dim", .integer(0))], "truncate_dim"),
        ([("encoding_format", .string("hex"))], "base64"), ([("precision", .string("int4"))], "ubinary"),
    ]

    @Test(arguments: refused)
    func whatCannotBeGiven(parameters: [(String, JSONValue)], word: String) async throws {
        let model = try Self.served()
        let error = await #expect(throws: PipelineError.self) {
            try await Self.answer(model, Self.texts, parameters)
        }
        #expect(error?.code == .invalidParameter && error?.message.contains(word) == true)
    }

    @Test func similaritiesAreNoEmbeddings() async throws {
        let model = try Self.served()
        let pair = JSONValue.object(
            JSONObject([("source_sentence", .string("hello")), ("sentences", .array([.string("world")]))]))
        for parameter in [("precision", "binary"), ("encoding_format", "base64")] {
            await #expect(throws: PipelineError.self) {
                try await Self.answer(model, pair, [(parameter.0, .string(parameter.1))])
            }
        }
        // Those of embeddings that are cut are others.
        let whole = try await Self.answer(model, pair)
        #expect(try await Self.answer(model, pair, [("truncate_dim", .integer(3))]) != whole)
        #expect(try await Self.answer(model, pair, [("encoding_format", .string("float"))]) == whole)
    }
}
