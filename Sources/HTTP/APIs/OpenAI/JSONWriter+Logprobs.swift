import PenstockJSON
import PenstockPipelines
import PenstockServing

extension JSONWriter {
    /// Writes the tokens that a request has taken, as OpenAI has them.
    ///
    /// - Parameter thoughtTokens: those of the generated ones that are of thoughts
    mutating func usage(_ facts: GenerationFacts, thoughtTokens: Int = 0) {
        object { writer in
            writer.key("prompt_tokens")
            writer.value(facts.promptTokens)
            writer.key("completion_tokens")
            writer.value(facts.generatedTokens)
            writer.key("total_tokens")
            writer.value(facts.promptTokens + facts.generatedTokens)
            writer.key("prompt_tokens_details")
            writer.object { writer in
                writer.key("cached_tokens")
                writer.value(facts.cachedTokens)
            }
            writer.key("completion_tokens_details")
            writer.object { writer in
                writer.key("reasoning_tokens")
                writer.value(thoughtTokens)
            }
        }
    }

    /// Writes `{"content": [{"token", "logprob", "bytes", "top_logprobs"}], "refusal": null}`, as chats have it.
    mutating func chatLogprobs(_ tokens: [TextGeneration.Generation.Token]) {
        object { writer in
            writer.key("content")
            writer.logprobs(tokens)
            writer.key("refusal")
            writer.null()
        }
    }

    /// Writes `[{"token", "logprob", "bytes", "top_logprobs"}]`.
    mutating func logprobs(_ tokens: [TextGeneration.Generation.Token]) {
        array { writer in
            for token in tokens {
                writer.object { writer in
                    writer.logprobEntry(token)
                    writer.key("top_logprobs")
                    writer.array { writer in
                        for other in token.likeliest { writer.object { $0.logprobEntry(other) } }
                    }
                }
            }
        }
    }

    private mutating func logprobEntry(_ token: TextGeneration.Generation.Token) {
        key("token")
        value(token.spelling)
        key("logprob")
        logprob(of: token)
        key("bytes")
        // A token that is a part of a character has no text of its own.
        if token.partBytes == nil, token.spelling.unicodeScalars.contains("\u{FFFD}") {
            null()
        } else {
            array { for byte in token.partBytes ?? Array(token.spelling.utf8) { $0.value(Int(byte)) } }
        }
    }

    /// Writes `[null, {"ID": {"logprob", "rank", "decoded_token"}, …}, …]`, as vLLM has it: for each token of a prompt but
    /// the first an entry, and one for each of the likeliest of its place.
    ///
    /// - Parameter likeliest: how many of these
    mutating func promptLogprobs(_ tokens: [TextGeneration.Generation.Token], likeliest: Int) {
        array { writer in
            for token in tokens {
                guard token.logprob != nil else {
                    writer.null()
                    continue
                }
                writer.object { writer in
                    writer.promptLogprob(token, rank: token.rank)
                    for (place, other) in token.likeliest.prefix(likeliest).enumerated() where other.id != token.id {
                        writer.promptLogprob(other, rank: place + 1)
                    }
                }
            }
        }
    }

    private mutating func promptLogprob(_ token: TextGeneration.Generation.Token, rank: Int?) {
        key(String(token.id))
        object { writer in
            writer.key("logprob")
            writer.logprob(of: token)
            writer.key("rank")
            writer.value(rank.map(JSONValue.integer) ?? .null)
            writer.key("decoded_token")
            writer.value(token.spelling)
        }
    }

    /// Writes the logarithm of a token's probability, null if it has none, and for no probability at all the number that
    /// OpenAI has for it.
    mutating func logprob(of token: TextGeneration.Generation.Token) {
        guard let logprob = token.logprob else { return null() }
        value(logprob.isFinite ? logprob : -9999)
    }
}
