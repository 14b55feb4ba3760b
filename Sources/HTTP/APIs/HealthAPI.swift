import Hummingbird
import PenstockJSON
import PenstockServing

/// `GET /health`: the process is alive. `GET /ready`: the models are loaded, but for those that cannot be, and take requests.
struct HealthAPI: Sendable {
    let store: ModelStore

    var routes: [RouteTable.Route] {
        [
            .init(method: .get, path: "/health", isOpen: true) { _, _ in status("ok") },
            .init(method: .get, path: "/ready", isOpen: true) { _, _ in
                let readiness = store.readiness
                if case .ready = readiness { return status(readiness.rawValue) }
                var response = status(readiness.rawValue, .serviceUnavailable)
                if case .loading = readiness { response.headers[.retryAfter] = "2" }
                return response
            },
        ]
    }

    private func status(_ name: String, _ status: HTTPResponse.Status = .ok) -> Response {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("status")
            writer.value(name)
        }
        return Response(json: writer.finish(), status: status)
    }
}
