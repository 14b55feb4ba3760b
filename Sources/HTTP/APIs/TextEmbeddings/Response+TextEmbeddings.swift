import HTTPTypes
import Hummingbird
import PenstockPipelines
import PenstockServing

/// An answer on a route of Text Embeddings Inference.
struct TextEmbeddingsAnswer: Sendable {
    let answer: ServedModel.Answer<[UInt8]>
    /// The size of the texts; their bytes stand for their characters.
    let texts: TextSize
}

extension Response {
    /// An answer with the headers in which Text Embeddings Inference tells what it took, times in milliseconds.
    ///
    /// - Parameter arrival: when the request was there
    init(_ given: TextEmbeddingsAnswer, since arrival: ContinuousClock.Instant) {
        let (answer, texts) = (given.answer, given.texts)
        self.init(answer)
        let total = arrival.duration(to: .now)
        headers[.computeType] = "cpu"
        headers[.computeTime] = Self.milliseconds(total)
        headers[.computeCharacters] = String(texts.bytes)
        headers[.computeTokens] = String(answer.tokens)
        headers[.totalTime] = Self.milliseconds(total)
        headers[.tokenizationTime] = Self.milliseconds(answer.tokenization)
        headers[.queueTime] = Self.milliseconds(answer.timing.queue)
        headers[.inferenceTime] = Self.milliseconds(answer.timing.inference)
    }

    private static func milliseconds(_ duration: Duration) -> String {
        String(max(0, Int((duration / .milliseconds(1)).rounded(.down))))
    }
}

extension HTTPField.Name {
    fileprivate static let computeType = known("x-compute-type")
    fileprivate static let computeTime = known("x-compute-time")
    fileprivate static let computeCharacters = known("x-compute-characters")
    fileprivate static let computeTokens = known("x-compute-tokens")
    fileprivate static let totalTime = known("x-total-time")
    fileprivate static let tokenizationTime = known("x-tokenization-time")
    fileprivate static let queueTime = known("x-queue-time")
    fileprivate static let inferenceTime = known("x-inference-time")
}
