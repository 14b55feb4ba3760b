import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing
import PenstockTokenizers

/// `POST /tokenize` and `/decode` as Text Embeddings Inference has them, and `/tokenize` and `/detokenize` as llama-server
/// does. A text that is no JSON is tokenized as on `/models/NAME/tokenize`.
struct TextTokensAPI: Sendable {
    let requests: ObjectRequests
    let native: TokenizeAPI

    var routes: [RouteTable.Route] {
        [
            RouteTable.Route(method: .post, path: "/tokenize", errors: .textEmbeddings, handler: tokenize),
            RouteTable.Route(method: .post, path: "/decode", errors: .textEmbeddings, handler: decode),
        ]
    }

    // MARK: Tokens

    private struct TokenizeRequest: Sendable {
        let model: String?
        let texts: [String]
        let addSpecialTokens: Bool
        let promptName: String?
        /// The wishes of a request for llama-server; nil for a request of Text Embeddings Inference.
        let llama: LlamaTokens?

        init(_ fields: RequestFields) throws(ClientError) {
            model = try fields.string("model")
            if fields["inputs"] == nil, let content = try fields.string("content") {
                texts = [content]
                promptName = nil
                addSpecialTokens = try fields.flag("add_special")
                llama = LlamaTokens(hasPieces: try fields.flag("with_pieces"))
                return
            }
            llama = nil
            addSpecialTokens = try fields.flag("add_special_tokens", default: true)
            if let text = fields["inputs"]?.string {
                texts = [text]
            } else {
                texts = try fields.require(fields.texts("inputs"), "inputs", "a string or a list of strings")
            }
            promptName = try fields.string("prompt_name")
            guard !texts.isEmpty else {
                throw ClientError(.emptyInputs, "inputs is an empty list", parameter: "inputs")
            }
        }
    }

    @Sendable private func tokenize(_ request: Request, _ context: ServerContext) async throws -> Response {
        if case .text? = try? BodyForm(request.headers) {
            context.errors.envelope = .native
            return try await native.answer(request, context)
        }
        return try await requests.answer(request, context) { (fields) throws(ClientError) in
            try TokenizeRequest(fields)
        } answer: { asked in
            let model = try await model(asked.fields.model, for: asked)
            let prompt = try model.prompt(named: asked.fields.promptName)
            let texts = asked.fields.texts
            var size = TextSize(of: texts)
            size.bytes = AnswerSize.sum(size.bytes, AnswerSize.product(size.count, prompt.utf8.count))
            return try await answer(asked, model, bytes: Tokenization.answerBytes(size)) {
                (tokenizer, scope) async throws(PipelineError) in
                if let llama = asked.fields.llama, let text = texts.first {
                    let encoding = try tokenizer.encode(.text(text), addSpecialTokens: asked.fields.addSpecialTokens)
                    return llama.json(encoding, by: tokenizer)
                }
                return try await tokenizer.list(of: texts, in: scope) { (text, writer) throws(PipelineError) in
                    let text = prompt + text
                    let encoding = try tokenizer.encode(.text(text), addSpecialTokens: asked.fields.addSpecialTokens)
                    writer.tokens(of: text, encoding, tokenizer.tokens(of: encoding))
                }
            }
        }
    }

    // MARK: Texts

    private struct DecodeRequest: Sendable {
        let model: String?
        let ids: [[Int32]]
        let skipSpecialTokens: Bool

        init(_ fields: RequestFields) throws(ClientError) {
            let expected = "a list of token ids, or a list of such lists"
            model = try fields.string("model")
            skipSpecialTokens = try fields.flag("skip_special_tokens", default: true)
            let value = try fields.require(fields["ids"], "ids", expected)
            if let single = try value.tokenIDs(named: "ids") {
                ids = [single]
                return
            }
            guard let lists = value.array else { throw fields.invalid("ids", expected) }
            guard !lists.isEmpty else { throw ClientError(.emptyInputs, "ids is an empty list", parameter: "ids") }
            var ids: [[Int32]] = []
            for list in lists {
                guard let list = try list.tokenIDs(named: "ids") else { throw fields.invalid("ids", expected) }
                ids.append(list)
            }
            self.ids = ids
        }
    }

    @Sendable private func decode(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context) { (fields) throws(ClientError) in
            try DecodeRequest(fields)
        } answer: { asked in
            let (ids, skips) = (asked.fields.ids, asked.fields.skipSpecialTokens)
            // A token may be much longer than the number that stands for it.
            let bytes = ids.reduce(256) { AnswerSize.sum($0, AnswerSize.product($1.count, 128)) }
            let model = try await model(asked.fields.model, for: asked)
            return try await answer(asked, model, bytes: min(AnswerSize.limit, bytes)) {
                (tokenizer, scope) async throws(PipelineError) in
                try await tokenizer.list(of: ids, in: scope) { (ids, writer) in
                    writer.value(tokenizer.text(of: ids, skipSpecialTokens: skips))
                }
            }
        }
    }

    /// Answers with the text of `tokens`, as llama-server does.
    @Sendable func detokenize(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await requests.answer(request, context) { (fields) throws(ClientError) in
            (model: try fields.string("model"), ids: try fields.idsOfTokens("tokens"))
        } answer: { asked in
            let ids = asked.fields.ids
            let bytes = AnswerSize.sum(256, AnswerSize.product(ids.count, 128))
            let model = try await model(asked.fields.model, for: asked)
            return try await answer(asked, model, bytes: min(AnswerSize.limit, bytes)) {
                (tokenizer, _) async throws(PipelineError) in
                var writer = JSONWriter()
                writer.object { writer in
                    writer.key("content")
                    writer.value(tokenizer.text(of: ids, skipSpecialTokens: false))
                }
                return writer.finish()
            }
        }
    }

    private func model<Fields>(
        _ name: String?, for asked: ObjectRequests.Asked<Fields>
    ) async throws -> ServedModel {
        try await requests.model(name, for: asked) { !$0.isEmpty }
    }

    /// Answers with what `write` makes on the `WorkThreads`.
    ///
    /// - Parameter bytes: those of the answer at most
    private func answer<Fields>(
        _ asked: ObjectRequests.Asked<Fields>, _ model: ServedModel, bytes: Int,
        write: @escaping @Sendable (Tokenization, RequestScope) async throws(PipelineError) -> [UInt8]
    ) async throws -> Response {
        guard let tokenization = model.pipelines.first?.tokenization else {
            throw ClientError(.invalidRequest, "the model has no tokenizer")
        }
        let reservation = try requests.reader.memory.reserve(bytes)
        let json = try await asked.client.work { scope in try await write(tokenization, scope) }
        reservation.shrink(to: json.count)
        return Response(json: json, holding: reservation)
    }
}

extension JSONWriter {
    /// Writes the tokens of a text. Those that stand for a part of it have that part for their text.
    fileprivate mutating func tokens(of text: String, _ encoding: Encoding, _ tokens: [String]) {
        let scalars = Array(text.unicodeScalars)
        array { writer in
            for index in encoding.ids.indices {
                let isSpecial = encoding.specialTokensMask[index]
                let range = encoding.offsets[index].clamped(to: scalars.indices)
                writer.object { writer in
                    writer.key("id")
                    writer.value(Int(encoding.ids[index]))
                    writer.key("text")
                    var part = String.UnicodeScalarView()
                    part.append(contentsOf: scalars[range])
                    writer.value(isSpecial ? tokens[index] : String(part))
                    writer.key("special")
                    writer.value(isSpecial)
                    writer.key("start")
                    writer.value(isSpecial ? .null : .integer(range.lowerBound))
                    writer.key("stop")
                    writer.value(isSpecial ? .null : .integer(range.upperBound))
                }
            }
        }
    }
}
