import HTTPTypes
import PenstockJSON

extension ErrorEnvelope {
    /// The name of the form in the description of the server.
    var name: String {
        switch self {
        case .native: "error"
        case .openAI: "openai_error"
        case .textEmbeddings: "text_embeddings_error"
        case .hosted: "hosted_error"
        case .rerank: "rerank_error"
        case .plain: "plain_error"
        case .anthropic: "anthropic_error"
        case .rpc: "rpc_error"
        }
    }

    /// One of each form that a response has, which those of calls of gRPC have not.
    static let forms: [ErrorEnvelope] = [
        .native, .openAI, .textEmbeddings, .hosted(.other), .rerank, .plain, .anthropic,
    ]

    /// The schema of an error in this form.
    var schema: JSONSchema {
        let openAI = JSONSchema.object([
            "message": .string, "type": .string, "param": JSONSchema.string.orNull, "code": JSONSchema.string.orNull,
        ])
        return switch self {
        case .native: .object(["error": .object(["code": .string, "message": .string])])
        case .openAI: .object(["error": openAI])
        case .textEmbeddings: .object(["error": .string, "error_type": .string])
        case .hosted: .object(["error": .string], optional: ["estimated_time": .number])
        case .rerank: .object(["message": .string, "detail": .string, "error": openAI])
        case .plain, .rpc: .object(["error": .string])
        case .anthropic: .object(["type": .among("error"), "error": .object(["type": .string, "message": .string])])
        }
    }

    /// The statuses of errors.
    ///
    /// - Parameters:
    ///   - hasBody: whether the request has a body, and with it a model to compute it
    ///   - hasKey: whether it may need a key
    func statuses(hasBody: Bool, hasKey: Bool) -> [Int] {
        var statuses: Set<Int> = [404, 500, 503]
        if hasKey { statuses.formUnion([401, 403]) }
        guard hasBody else { return statuses.sorted() }
        statuses.formUnion([400, 413, 415, 429, 504])
        switch self {
        case .native: statuses.insert(422)
        case .textEmbeddings: statuses.formUnion([422, 424])
        case .anthropic: statuses.insert(529)
        case .openAI, .hosted, .rerank, .plain, .rpc: break
        }
        return statuses.sorted()
    }
}
