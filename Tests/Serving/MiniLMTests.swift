import Foundation
import PenstockCheckpoints
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport
import Testing

/// The real all-MiniLM-L6-v2, which `scripts/fetch-minilm` fetches.
@Suite struct MiniLMTests {
    @Test func embeddingsMatchSentenceTransformers() async throws {
        let texts = try #require(try Fixtures.json(Fixtures.path("minilm/texts.json")).array)
        let expected = try Self.recordedEmbeddings(count: texts.count)
        let worker = try ServedModel(try JSONPipeline(directory: Fixtures.miniLM), .patient())
        #expect(worker.pipelines.first?.task == "sentence-similarity")
        let answer = try JSONValue(parsing: try await worker.answer(.array(texts)))
        let embeddings = try #require(answer.array).map { try #require($0.array).compactMap(\.double) }
        #expect(embeddings.count == texts.count)
        for (index, (mine, theirs)) in zip(embeddings, expected).enumerated() {
            #expect(cosine(mine, theirs) >= 0.999999, "\(texts[index])")
            #expect(zip(mine, theirs).allSatisfy { abs($0 - $1) < 1e-5 }, "\(texts[index])")
        }
    }

    /// Blocks of 4 to 6 bits, made without calibration, keep the meaning of so small a model.
    @Test func fourBitsAreClose() async throws {
        let texts = try #require(try Fixtures.json(Fixtures.path("minilm/texts.json")).array)
        let expected = try Self.recordedEmbeddings(count: texts.count)
        let pipeline = try JSONPipeline(directory: Fixtures.miniLM, LoadOptions(dtype: .int4))
        #expect(pipeline.loaded.dtype == .int4)
        let worker = try ServedModel(pipeline, .patient())
        let answer = try JSONValue(parsing: try await worker.answer(.array(texts)))
        let embeddings = try #require(answer.array).map { try #require($0.array).compactMap(\.double) }
        #expect(embeddings.count == texts.count)
        let cosines = zip(embeddings, expected).map { cosine($0, $1) }.sorted()
        #expect(cosines[0] >= 0.975 && cosines[cosines.count / 2] >= 0.99, "\(cosines[0])")
    }

    private static func recordedEmbeddings(count: Int) throws -> [[Double]] {
        let file = try SafetensorsFile(path: Fixtures.path("minilm/embeddings.safetensors"))
        let tensor = try #require(file.tensors.first)
        #expect(tensor.shape == [count, 384])
        var bytes = [UInt8](repeating: 0, count: tensor.byteCount)
        try bytes.withUnsafeMutableBytes { try tensor.read(at: 0, into: $0) }
        return bytes.withUnsafeBytes { bytes in
            (0..<count).map { row in
                (0..<384).map { Double(bytes.loadUnaligned(fromByteOffset: (row * 384 + $0) * 4, as: Float.self)) }
            }
        }
    }

    private func cosine(_ a: [Double], _ b: [Double]) -> Double {
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
}
