import PenstockJSON

/// The events of a stream of OpenAI's API that ends with `[DONE]`.
protocol OpenAIEvents: GenerationEvents {
    /// True if an event behind the last piece tells the usage.
    var tellsUsage: Bool { get }
    /// Tokens of thoughts.
    var thoughtTokens: Int { get }

    /// Writes the fields with which every event begins.
    func writeHead(into writer: inout JSONWriter)
}

extension OpenAIEvents {
    var thoughtTokens: Int { 0 }

    mutating func end(_ summary: GenerationSummary, _ bytes: inout StreamBytes) {
        if tellsUsage {
            var writer = JSONWriter()
            writer.object { writer in
                writeHead(into: &writer)
                writer.key("choices")
                writer.array { _ in }
                writer.key("usage")
                writer.usage(summary.facts, thoughtTokens: thoughtTokens)
            }
            bytes.add(event: writer.finish())
        }
        bytes.addDone()
    }

    mutating func fail(_ error: ErrorResponse, _ bytes: inout StreamBytes) {
        bytes.add(event: error.told(in: .openAI).json)
    }
}
