import PenstockJSON
import PenstockTestSupport
import Testing

/// A decoder that is served with a chat template, each of whose tokens is a word, and what it generates on the pipeline's own
/// route, which other APIs tell in their words.
struct GenerationSample {
    let server: TestServer
    /// A chat of 6 tokens, as JSON text.
    static let chat = #"[{"role":"user","content":"t22 t23"}]"#
    /// A prompt of 2 tokens.
    static let prompt = "t5 t6"

    init() throws { server = try TestServer(decoder: "llama", files: [DecoderCheckpoint.chatSettings()]) }

    /// The texts that the steps of an answer add, without those that add none.
    ///
    /// - Parameter inputs: JSON text
    func pieces(_ inputs: String, tokens: Int = 4) async throws -> [String] {
        let parameters = #"{"max_new_tokens": \#(tokens), "do_sample": false, "return_full_text": false}"#
        let reply = try await server.post(
            #"{"inputs": \#(inputs), "parameters": \#(parameters), "stream": true}"#, to: "/")
        try #require(reply.status == 200, "\(reply.text)")
        let events = try reply.text.split(separator: "\n\n").map {
            try JSONValue(parsing: $0.dropFirst("data:".count).utf8)
        }
        return events.compactMap { $0["token"]?["text"]?.string }.filter { !$0.isEmpty }
    }

    /// A text as JSON text.
    static func quoted(_ text: String) -> String { (.string(text) as JSONValue?).written }

    /// An answer with what changes from run to run replaced: times by `T`, durations by 0, and ids by the number 1 behind their
    /// prefix.
    static func settled(_ text: String) throws -> String {
        let rules: KeyValuePairs = [
            #""created_at":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z""#: #""created_at":"T""#,
            #""(total|prompt_eval|eval)_duration":[0-9]+"#: "",
            #"(msg|toolu|call|sig)_[0-9a-f]+"#: "",
            #""tokens_cached":[0-9]+"#: #""tokens_cached":0"#,
        ]
        var text = text
        for (pattern, replacement) in rules {
            text = text.replacing(try Regex(pattern)) { match in
                guard replacement.isEmpty, let name = match.output[1].substring else { return replacement }
                return pattern.hasPrefix("\"") ? "\"\(name)_duration\":0" : "\(name)_1"
            }
        }
        return text
    }
}
