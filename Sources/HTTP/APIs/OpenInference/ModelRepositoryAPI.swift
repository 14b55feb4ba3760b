import HTTPTypes
import Hummingbird
import PenstockJSON
import PenstockServing

/// The models as a repository of Triton: `POST /v2/repository/index` lists them; for administrators,
/// `/v2/repository/models/NAME/load` and `/unload` are what `PUT` and `DELETE /models/NAME` are.
struct ModelRepositoryAPI: Sendable {
    let requests: ObjectRequests
    /// The actions of administrators; nil if nobody may do them.
    let administration: AdminAPI?

    private var store: ModelStore { requests.store }

    var routes: [RouteTable.Route] {
        let index = RouteTable.Route(method: .post, path: "/v2/repository/index", errors: .plain) { request, context in
            // Clients send no body at all when they want all models.
            try await requests.answer(request, context, allowsNone: true) { (fields) throws(ClientError) in
                try fields.flag("ready")
            } answer: { asked in
                Response(json: list(for: context.caller, onlyReady: asked.fields))
            }
        }
        return [index] + changes
    }

    /// The routes for administrators; none if nobody may administer.
    var changes: [RouteTable.Route] {
        guard let administration else { return [] }
        return Self.routes("/load") { try await load($0, $1, administration) }
            + Self.routes("/unload") { request, _ in response(try administration.remove(try request.modelName)) }
    }

    private static func routes(
        _ ending: String, handler: @escaping @Sendable (Request, ServerContext) async throws -> Response
    ) -> [RouteTable.Route] {
        ModelPath.routes(
            .post, after: "/v2/repository/models", ending: ending, access: .administrators, errors: .plain,
            handler: handler)
    }

    /// Loads a model that `parameters` describe as the body of `PUT /models/NAME` does, else one that there is, or else the
    /// one of its name on the Hub.
    private func load(
        _ request: Request, _ context: ServerContext, _ administration: AdminAPI
    ) async throws -> Response {
        let (order, deadline) = try await administration.wish(of: request, context, allowsNone: true) {
            (name, fields) throws(ClientError) in
            try self.order(name, try fields.section("parameters"))
        }
        return response(try await load(order, for: context.caller, until: deadline, administration))
    }

    /// A model that is to be loaded, and what is wanted of it beside its name.
    struct Order: Sendable {
        let name: String
        /// Nil for one as it is known.
        let wish: ModelWish?
    }

    /// The order that parameters are.
    func order(_ name: String, _ parameters: RequestFields) throws(ClientError) -> Order {
        let isKnown = store.status(of: name) != nil
        let isPlain = isKnown && parameters.isEmpty
        return Order(
            name: name, wish: isPlain ? nil : try ModelWish(name: name, parameters, model: isKnown ? nil : name))
    }

    /// Loads a model, and returns its status when it is there.
    func load(
        _ order: Order, for caller: Caller, until deadline: ContinuousClock.Instant, _ administration: AdminAPI
    ) async throws -> ModelStatus {
        // It is held until its status is known.
        let model =
            if let wish = order.wish {
                try await administration.arrival(of: try store.order(try administration.source(wish)), until: deadline)
            } else {
                try await store.model(order.name, for: caller, until: deadline)
            }
        defer { withExtendedLifetime(model) {} }
        return try store.presence(of: order.name, for: caller)
    }

    /// The models that are listed.
    func index(for caller: Caller, onlyReady: Bool) -> [ModelStatus] {
        store.all.filter { caller.mayUse($0.name) && (!onlyReady || $0.repositoryState == .ready) }
    }

    private func response(_ status: ModelStatus) -> Response {
        var writer = JSONWriter()
        writer.object { $0.entry(of: status) }
        return Response(json: writer.finish())
    }

    private func list(for caller: Caller, onlyReady: Bool) -> [UInt8] {
        var writer = JSONWriter()
        writer.array { writer in
            for status in index(for: caller, onlyReady: onlyReady) { writer.object { $0.entry(of: status) } }
        }
        return writer.finish()
    }
}

extension JSONWriter {
    /// Writes the fields by which the index tells of a model.
    fileprivate mutating func entry(of status: ModelStatus) {
        key("name")
        value(status.name)
        key("version")
        value(OpenInference.version)
        key("state")
        value(status.repositoryState.rawValue)
        key("reason")
        value(status.failure ?? "")
    }
}

/// The states of a model in a repository of Triton.
enum RepositoryState: String {
    case ready = "READY"
    case loading = "LOADING"
    case unavailable = "UNAVAILABLE"
}

extension ModelStatus {
    var repositoryState: RepositoryState {
        switch state {
        case .ready: .ready
        case .loading, .waiting: .loading
        case .unloaded, .failed: .unavailable
        }
    }
}
