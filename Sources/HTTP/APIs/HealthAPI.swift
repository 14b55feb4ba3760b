import Hummingbird
import PenstockJSON
import PenstockServing

/// `GET /health`: the process is alive. `GET /ready`: the models are loaded, but for those that cannot be, and take requests.
struct HealthAPI: Sendable {
    let store: ModelStore

    var routes: [RouteTable.Route] { isAlive(["/health"]) + isReady(["/ready"]) }

    /// The same under the names that they have for Kubernetes, load balancers, SageMaker and clients of other servers.
    var furtherRoutes: [RouteTable.Route] {
        isAlive(["/health/live", "/healthz", "/livez"])
            + isReady(["/ping", "/health/ready", "/readyz", "/v1/health"]) + isReady(["/"], told: "alive")
    }

    private func isAlive(_ paths: [String]) -> [RouteTable.Route] {
        paths.map { .init(method: .get, path: $0, access: .everybody) { _, _ in Response(status: "ok") } }
    }

    /// - Parameter word: the word by which readiness is told; nil for its own. Clients of KServe look for one at `/`.
    private func isReady(_ paths: [String], told word: String? = nil) -> [RouteTable.Route] {
        paths.map { path in
            .init(method: .get, path: path, access: .everybody) { _, _ in
                let readiness = store.readiness
                if case .ready = readiness { return Response(status: word ?? readiness.rawValue) }
                var response = Response(status: readiness.rawValue, .serviceUnavailable)
                if case .loading = readiness { response.headers[.retryAfter] = "2" }
                return response
            }
        }
    }
}

extension Response {
    /// An answer to a probe: `{"status": …}`.
    init(status name: String, _ status: HTTPResponse.Status = .ok) {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("status")
            writer.value(name)
        }
        self.init(json: writer.finish(), status: status)
    }
}
