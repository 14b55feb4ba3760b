import PenstockJSON
import PenstockPipelines
import PenstockServing

extension JSONWriter {
    /// Writes the tokens that a request has taken, as OpenAI has them.
    mutating func usage(_ facts: GenerationFacts) {
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
                writer.value(0)
            }
        }
    }

    /// Writes `{"content": [{"token", "logprob", "bytes", "top_logprobs"}], "refusal": null}`, as chats have it.
    mutating func chatLogprobs(_ tokens: [TextGeneration.Generation.Token]) {
        object { writer in
            writer.key("content")
            writer.array { writer in
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
            writer.key("refusal")
            writer.null()
        }
    }

    private mutating func logprobEntry(_ token: TextGeneration.Generation.Token) {
        key("token")
        value(token.spelling)
        key("logprob")
        value(token.finiteLogprob)
        key("bytes")
        // A token that is a part of a character has no text of its own.
        if token.spelling.unicodeScalars.contains("\u{FFFD}") {
            null()
        } else {
            array { for byte in token.spelling.utf8 { $0.value(Int(byte)) } }
        }
    }

    /// Writes `{"tokens", "token_logprobs", "top_logprobs", "text_offset"}`, as completions have it: lists of as many
    /// elements as there are tokens. Offsets are in Unicode scalars.
    ///
    /// - Parameter offset: where the first token begins; becomes the end of the last
    mutating func completionLogprobs(_ tokens: [TextGeneration.Generation.Token], from offset: inout Int) {
        var offsets: [Int] = []
        for token in tokens {
            offsets.append(offset)
            offset += token.spelling.unicodeScalars.count
        }
        object { writer in
            writer.key("tokens")
            writer.array { for token in tokens { $0.value(token.spelling) } }
            writer.key("token_logprobs")
            writer.array { for token in tokens { $0.value(token.finiteLogprob) } }
            writer.key("top_logprobs")
            writer.array { writer in
                for token in tokens { writer.object { $0.likeliest(token) } }
            }
            writer.key("text_offset")
            writer.array { for offset in offsets { $0.value(offset) } }
        }
    }

    /// Writes an entry for each of the likeliest tokens of a place, and one for the token that was chosen there.
    private mutating func likeliest(_ token: TextGeneration.Generation.Token) {
        var written: Set<String> = []
        for other in token.likeliest + [token] where written.insert(other.spelling).inserted {
            key(other.spelling)
            value(other.finiteLogprob)
        }
    }
}

extension TextGeneration.Generation.Token {
    /// The logarithm of its probability; for none at all the number that OpenAI has for it.
    fileprivate var finiteLogprob: Float {
        guard let logprob, logprob.isFinite else { return -9999 }
        return logprob
    }
}
