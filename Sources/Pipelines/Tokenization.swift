import PenstockJSON
import PenstockTokenizers

/// Shows what a tokenizer makes of texts, as JSON, for the server and for the command line.
package final class Tokenization: Sendable {
    private let tokenizer: Tokenizer

    package init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

    private static let options = OptionTable<TokenizerArguments>([TokenizerArguments.addSpecialTokensOption])

    /// A text and perhaps a second one.
    private struct Parts: TaskOptions {
        var text: String?
        var pair: String?

        static let table = OptionTable<Parts>([
            .text("text", \.text, "A text."), .text("text_pair", \.pair, "The second text of a pair."),
        ])
    }

    /// Answers a request.
    ///
    /// - Parameters:
    ///   - inputs: an input as ``input(_:)`` reads it, or a list of such
    ///   - parameters: `add_special_tokens`, true if left out
    ///   - scope: asked between texts
    /// - Returns: an encoding as ``write(_:into:)`` writes it, or a list of such.
    /// - Throws: ``PipelineError`` for what cannot be tokenized, and for an answer that would be too large.
    package func answer(
        _ inputs: JSONValue, parameters: JSONObject, in scope: RequestScope = .unbounded
    ) async throws(PipelineError) -> [UInt8] {
        let addSpecialTokens = try Self.options.parse(parameters).addSpecialTokens
        func write(
            _ value: JSONValue, named name: String, into writer: inout JSONWriter
        ) throws(PipelineError) {
            let input = try Self.input(value, named: name)
            self.write(try encode(input, addSpecialTokens: addSpecialTokens), into: &writer)
        }
        if let elements = inputs.array {
            return try await list(of: Array(elements.enumerated()), in: scope) {
                (element, writer) throws(PipelineError) in
                try write(element.element, named: "inputs[\(element.offset)]", into: &writer)
            }
        }
        var writer = JSONWriter()
        try scope.check()
        try write(inputs, named: "inputs", into: &writer)
        try scope.require(answerBytes: writer.bytes.count)
        return writer.finish()
    }

    /// A list in JSON.
    ///
    /// - Parameters:
    ///   - scope: asked between elements
    ///   - write: writes what becomes of an element
    /// - Throws: ``PipelineError`` for an answer that would be too large, and what `write` throws.
    package func list<Element>(
        of elements: [Element], in scope: RequestScope,
        write: (Element, inout JSONWriter) throws(PipelineError) -> Void
    ) async throws(PipelineError) -> [UInt8] {
        var json = [UInt8(ascii: "[")]
        var pace = scope.pace
        for element in elements {
            try await pace.step()
            var writer = JSONWriter()
            try write(element, &writer)
            if json.count > 1 { json.append(UInt8(ascii: ",")) }
            json += writer.finish()
            try scope.require(answerBytes: json.count)
        }
        json.append(UInt8(ascii: "]"))
        return json
    }

    /// Bytes that the answer takes at most, and with it the tokens while it is written: a token has a byte at least, and
    /// even an empty text has names and special tokens.
    package static func answerBytes(_ size: TextSize) -> Int {
        min(AnswerSize.limit, AnswerSize.sum(AnswerSize.product(size.bytes, 64), AnswerSize.product(size.count, 256)))
    }

    /// Reads a text, or a pair: `["a", "b"]` or `{"text": "a", "text_pair": "b"}`, where the second may be missing.
    ///
    /// - Parameter name: what the message of an error calls the input
    package static func input(_ value: JSONValue, named name: String = "input") throws(PipelineError) -> Tokenizer.Input
    {
        switch value {
        case .string(let text): return .text(text)
        case .array(let elements):
            if elements.count == 2, let first = elements[0].string, let second = elements[1].string {
                return .pair(first, second)
            }
        case .object(let object):
            let parts = try Parts.table.parse(object, path: "\(name).")
            if let text = parts.text { return parts.pair.map { .pair(text, $0) } ?? .text(text) }
        default: break
        }
        throw PipelineError(
            .invalidInputs,
            "\(name) has to be a text, a pair of texts or an object with text and, if need be, text_pair, not "
                + (value.object == nil ? value.excerpt : "an object without text"))
    }

    /// Encodes one input.
    package func encode(
        _ input: Tokenizer.Input, addSpecialTokens: Bool
    ) throws(PipelineError) -> Encoding {
        do {
            return try tokenizer.encode(input, addSpecialTokens: addSpecialTokens)
        } catch {
            throw PipelineError(unencodable: error)
        }
    }

    /// The tokens of an encoding, as the vocabulary has them.
    package func tokens(of encoding: Encoding) -> [String] { tokenizer.tokens(of: encoding) }

    /// The text of tokens by their ids; those that there are not are skipped.
    package func text(of ids: [Int32], skipSpecialTokens: Bool) -> String {
        tokenizer.decode(ids, skipSpecialTokens: skipSpecialTokens)
    }

    /// Writes `{"ids", "type_ids", "tokens", "offsets", "special_tokens_mask"}`, each with an element per token; offsets are
    /// `[start, end]` in Unicode scalars of the token's own text.
    package func write(_ encoding: Encoding, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("ids")
            writer.array { for id in encoding.ids { $0.value(Int(id)) } }
            writer.key("type_ids")
            writer.array { for id in encoding.typeIDs { $0.value(Int(id)) } }
            writer.key("tokens")
            writer.array { for token in tokenizer.tokens(of: encoding) { $0.value(token) } }
            writer.key("offsets")
            writer.array { writer in
                for range in encoding.offsets {
                    writer.array {
                        $0.value(range.lowerBound)
                        $0.value(range.upperBound)
                    }
                }
            }
            writer.key("special_tokens_mask")
            writer.array { for isSpecial in encoding.specialTokensMask { $0.value(isSpecial ? 1 : 0) } }
        }
    }
}

extension PipelineError {
    /// A text that the tokenizer cannot encode. Its own message names files of the server, but for this one.
    init(unencodable error: TokenizerError) {
        let isAboutLength = error.code == .truncation
        self.init(
            isAboutLength ? .invalidParameter : .invalidInputs,
            isAboutLength ? error.message : "the text has a word that the tokenizer knows no token for")
    }
}
