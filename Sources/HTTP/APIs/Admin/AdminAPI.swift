import HTTPTypes
import Hummingbird
import PenstockCompute
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// `PUT /models/NAME` loads a model, or another one in its place; `DELETE /models/NAME` has it served no longer. For
/// administrators only.
struct AdminAPI: Sendable {
    let requests: ObjectRequests
    /// Makes a source of what is wanted.
    let source: @Sendable (ModelWish) throws(ModelRefusal) -> ModelSource

    private var store: ModelStore { requests.store }

    var routes: [RouteTable.Route] {
        ModelPath.routes(.put, access: .administrators, handler: put)
            + ModelPath.routes(.delete, access: .administrators, handler: delete)
    }

    /// Answers when the model is loaded: 201 if there was none of its name, else 200. A load that takes longer than the request
    /// may goes on, and is answered 202.
    @Sendable private func put(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (wish, deadline) = try await wish(of: request, context) { (name, fields) throws(ClientError) in
            try ModelWish(name: name, fields)
        }
        let order = try store.order(try source(wish))
        do {
            let arrived = try await arrival(of: order, until: deadline)
            return try response(wish.name, arrived, order.isNew ? .created : .ok)
        } catch let error as ServingError where error.code == .deadlineExceeded {
            return try response(wish.name, nil, .accepted)
        }
    }

    /// Reads what a request to load a model wants, and when it has to be answered.
    ///
    /// - Parameters:
    ///   - allowsNone: whether there may be no body, which is then an object without fields
    ///   - decode: makes a wish of the model's name and the fields of the body
    func wish<Wish: Sendable>(
        of request: Request, _ context: ServerContext, allowsNone: Bool = false,
        decode: @escaping @Sendable (String, RequestFields) throws(ClientError) -> Wish
    ) async throws -> (Wish, deadline: ContinuousClock.Instant) {
        let name = try Self.checked(name: try request.modelName)
        let body = try requests.reader.fields(of: request, allowsNone: allowsNone) { (fields) throws(ClientError) in
            try decode(name, fields)
        }
        let deadline = try requests.deadline(of: request, context)
        let client = context.client(until: deadline)
        return (try await withDeadline(deadline) { try await body.read(for: client) { $0 } }, deadline)
    }

    /// Waits for a model that was ordered. A load that takes longer goes on.
    func arrival(
        of order: ModelStore.Ordered, until deadline: ContinuousClock.Instant
    ) async throws -> ServedModel {
        do {
            return try await withDeadline(deadline) { try await order.arrival() }
        } catch {
            throw Self.refusal(of: error)
        }
    }

    @Sendable private func delete(_ request: Request, _ context: ServerContext) throws -> Response {
        Response(status: try remove(try request.modelName))
    }

    /// The name that a model is to have.
    ///
    /// - Throws: ``ClientError`` for what can be none.
    static func checked(name: String?) throws(ClientError) -> String {
        guard let name, ModelName.isOne(name) else {
            throw ClientError(.invalidRequest, "a model cannot have this name; \(ModelName.rule)")
        }
        return name
    }

    /// Has a model served no longer.
    ///
    /// - Parameter name: nil for none
    /// - Throws: `ServingError` if there is none of this name.
    func remove(_ name: String?) throws(ServingError) -> ModelStatus {
        guard let name, var status = store.status(of: name) else {
            throw ServingError(.modelNotFound, "there is no model of this name; GET /models lists those there are")
        }
        try store.unload(name)
        status.state = .unloaded
        return status
    }

    /// - Parameter model: is held until the answer tells of it
    private func response(
        _ name: String, _ model: ServedModel?, _ status: HTTPResponse.Status
    ) throws(ServingError) -> Response {
        defer { withExtendedLifetime(model) {} }
        guard let model = store.status(of: name) else {
            throw ServingError(.modelNotFound, "the model was removed while it was loaded")
        }
        return Response(status: model, status)
    }

    /// Returns what an administrator is told of a load that failed.
    private static func refusal(of error: any Error) -> any Error {
        switch error {
        case is ServingError, is PipelineError, is ClientError, is ModelRefusal, is CancellationError: error
        case is WorkspaceError, is ResourceError: ServingError(.notReady, "\(error)")
        default: ModelRefusal(.unusable, "\(error)")
        }
    }
}

extension Response {
    /// An answer that tells of a model.
    fileprivate init(status: ModelStatus, _ code: HTTPResponse.Status = .ok) {
        var writer = JSONWriter()
        writer.object { $0.fields(of: status) }
        self.init(json: writer.finish(), status: code)
    }
}
