import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// Answers requests for what a model's texts look like before the model gets to see them.
struct TextRequests: Sendable {
    let store: ModelStore
    let reader: RequestReader

    /// Reads the body as a call, and answers it within its time.
    ///
    /// - Parameters:
    ///   - alias: another name that the field `inputs` may have
    ///   - tool: makes the answers for a model
    ///   - bytes: those of an answer, as far as they can be known before it is made
    ///   - write: makes the answer, on the `WorkThreads`
    func answer<Tool: Sendable>(
        _ request: Request, _ context: ServerContext, alias: String? = nil,
        by tool: (ServedModel) throws(ClientError) -> Tool, bytes: @escaping @Sendable (Call) -> Int,
        write: @escaping @Sendable (Tool, Call, RequestScope) async throws(PipelineError) -> [UInt8]
    ) async throws -> Response {
        let (model, deadline) = try await store.model(of: request, context, reader)
        let tool = try tool(model)
        let body = try reader.call(of: request, alias: alias)
        context.notes.note { $0.model = model.name }
        let client = context.client(until: deadline)
        return try await withDeadline(deadline) {
            try await body.read(for: client) { call in
                let reservation = try reader.memory.reserve(bytes(call))
                let json = try await client.work { scope in try await write(tool, call, scope) }
                try reservation.grow(by: max(0, json.count - bytes(call)))
                reservation.shrink(to: json.count)
                return Response(json: json, holding: reservation)
            }
        }
    }
}
