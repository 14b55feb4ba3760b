import Hummingbird
import PenstockJSON
import PenstockServing

/// `GET /health`: the process is alive. `GET /ready`: the model is loaded and takes requests.
struct HealthAPI: Sendable {
    let host: ModelHost

    var routes: [RouteTable.Route] {
        [
            .init(method: .get, path: "/health") { _, _ in status("ok") },
            .init(method: .get, path: "/ready") { _, _ in
                let state = host.current
                if case .ready = state { return status(state.name) }
                var response = status(state.name, .serviceUnavailable)
                if case .loading = state { response.headers[.retryAfter] = "2" }
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
