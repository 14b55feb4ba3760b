import Foundation
import PenstockCompute
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// What reduced precision does to the embeddings of the real all-MiniLM-L6-v2.
@Suite struct PrecisionTests {
    private let queries: [JSONValue]
    private let passages: [JSONValue]

    init() throws {
        let pairs = try #require(try Fixtures.json(Fixtures.path("retrieval/pairs.json")).array)
        queries = pairs.compactMap { $0["query"] }
        passages = pairs.compactMap { $0["passage"] }
        #expect(queries.count >= 200 && passages.count == queries.count)
    }

    private typealias Embedded = (queries: [[Double]], passages: [[Double]], LoadedModel)

    private func embeddings(_ dtype: DType) async throws -> Embedded {
        let worker = try ServedModel(
            try JSONPipeline(directory: Fixtures.miniLM, LoadOptions(dtype: dtype)), .patient())
        func embed(_ texts: [JSONValue]) async throws -> [[Double]] {
            let answer = try JSONValue(parsing: try await worker.answer(.array(texts)))
            return try #require(answer.array).map { try #require($0.array).compactMap(\.double) }
        }
        return (try await embed(queries), try await embed(passages), worker.loaded)
    }

    /// For each query the passage that is most like it. The embeddings have length 1.
    private static func best(_ queries: [[Double]], _ passages: [[Double]]) -> [Int] {
        queries.map { query in
            let scores = passages.map { passage in zip(query, passage).reduce(0) { $0 + $1.0 * $1.1 } }
            return scores.indices.max { scores[$0] < scores[$1] } ?? -1
        }
    }

    @Test func embeddingsAndRankingsAreKept() async throws {
        let exact = try await embeddings(.float32)
        #expect(exact.2.selfCheck == nil)
        for (dtype, cosine, kept) in [(DType.bfloat16, 0.9999, 0.99), (.int8, 0.995, 0.97)] {
            try await check(dtype, against: exact, smallestCosine: cosine, kept: kept)
        }
    }

    private func check(_ dtype: DType, against exact: Embedded, smallestCosine cosine: Double, kept: Double)
        async throws
    {
        let reduced = try await embeddings(dtype)
        #expect(reduced.2.dtype == dtype)
        let check = try #require(reduced.2.selfCheck)
        #expect(check.isWithinBounds && check.smallestCosine < 1)
        let cosines = zip(exact.queries + exact.passages, reduced.queries + reduced.passages).map { a, b in
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let worst = try #require(cosines.min())
        #expect(worst >= cosine)
        let expected = Self.best(exact.queries, exact.passages)
        let found = Self.best(reduced.queries, reduced.passages)
        let same = zip(expected, found).count { $0 == $1 }
        #expect(Double(same) >= kept * Double(queries.count), "\(same) of \(queries.count)")
        // The pairs are a test of retrieval at all.
        #expect(expected.indices.count { expected[$0] == $0 } > queries.count * 9 / 10)
        print("\(dtype.rawValue): smallest cosine \(worst), same top passage \(same) of \(queries.count)")
    }

    @Test func autoIsBFloat16WhereItIsFaster() throws {
        let pipeline = try JSONPipeline(directory: Fixtures.miniLM, LoadOptions(dtype: .auto))
        #expect(pipeline.loaded.dtype == (Kernels.best.gainsByBFloat16 ? .bfloat16 : .float32))
        #expect(pipeline.loaded.warnings.isEmpty)
    }
}
