import PenstockCompute
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTestSupport

/// A served decoder of the fixtures.
struct GeneratingModel: Sendable {
    let model: ServedModel
    private let checkpoint: DecoderCheckpoint

    /// - Parameters:
    ///   - pages: for keys and values of the fixture `llama`; nil for as many as fit
    ///   - stepTokens: of a step
    ///   - files: more files of the checkpoint
    init(
        _ name: String = "llama", threads: Int = 1, pages: Int? = nil, stepTokens: Int? = nil,
        generation: String? = #"{"eos_token_id": null}"#, files: [(name: String, bytes: [UInt8])] = [],
        _ change: (inout ServingConfiguration) -> Void = { _ in }
    ) throws {
        checkpoint = try DecoderCheckpoint(name, generation: generation, files: files)
        var configuration = ServingConfiguration.patient()
        let page = PageShape(layers: 2, heads: 2, headSize: 4, precision: .float32).bytes
        configuration.keyValueBytes = pages.map { $0 * page }
        configuration.maxBatchTokens = stepTokens
        change(&configuration)
        model = try ModelSource(name: name, directory: checkpoint.path, serving: configuration)
            .load(on: Scheduler(threads: threads))
    }

    /// What a prompt of these tokens goes on with: for each text its tokens with the bits of their probabilities, and why
    /// it ended.
    func answer(
        _ prompt: [Int], new: Int, _ parameters: [(String, JSONValue)] = [("do_sample", .bool(false))]
    ) async throws -> [Answer] {
        let json = try await model.answer(
            .string(DecoderCheckpoint.text(prompt)),
            parameters: JSONObject([("max_new_tokens", .integer(new)), ("details", .bool(true))] + parameters))
        return try JSONValue(parsing: json).array?.compactMap { Answer($0) } ?? []
    }

    struct Answer: Equatable {
        let text: String
        let tokens: [Int]
        let logprobs: [Double]
        let reason: String

        init?(_ json: JSONValue) {
            guard let text = json["generated_text"]?.string, let details = json["details"],
                let tokens = details["tokens"]?.array, let reason = details["finish_reason"]?.string
            else { return nil }
            (self.text, self.reason) = (text, reason)
            self.tokens = tokens.compactMap { $0["id"]?.integer }
            logprobs = tokens.compactMap { $0["logprob"]?.double }
        }
    }

    /// Waits until nobody has a page any more. It takes for ever if some are lost.
    func waitForPages() async throws {
        while let pages = model.keyValuePages, pages.free < pages.count || model.waitingItems + model.runningItems > 0 {
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Tokens by chance.
    static func tokens(_ count: Int, _ random: inout SeededGenerator) -> [Int] {
        (0..<count).map { _ in Int.random(in: 3..<60, using: &random) }
    }
}
