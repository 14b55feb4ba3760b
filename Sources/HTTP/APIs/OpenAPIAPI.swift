import Hummingbird
import NIOCore
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// `GET /openapi.json`: the routes of the server and what its models take, for programs.
struct OpenAPIAPI: Sendable {
    let store: ModelStore
    /// The routes that are described beside its own.
    let others: [RouteTable.Route]
    /// Says whether a route needs a key.
    let needsKey: @Sendable (RouteTable.Access) -> Bool

    /// The path of the document.
    static let path = "/openapi.json"

    var routes: [RouteTable.Route] {
        [
            RouteTable.Route(method: .get, path: Self.path) { _, context in
                // It is large; the event loop has others to see to.
                let json = await withTaskExecutorPreference(globalConcurrentExecutor) {
                    await document(for: context.caller)
                }
                return Response(json: json)
            }
        ]
    }

    @concurrent private func document(for caller: Caller) async -> [UInt8] {
        let models = store.all.filter { status in
            if case .failed = status.state { false } else { caller.mayUse(status.name) }
        }.map { status in
            OpenAPIDocument.Model(name: status.name, tasks: status.tasks.compactMap(TaskRegistry.description))
        }
        // Its own route is described by another of the same form, which is called by nobody.
        let own = RouteTable.Route(method: .get, path: Self.path) { _, _ in Response(status: .notFound) }
        var writer = JSONWriter()
        writer.value(OpenAPIDocument(others + [own], models: models, needsKey: needsKey).json)
        return writer.finish()
    }
}
