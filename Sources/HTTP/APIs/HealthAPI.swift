import Hummingbird
import PenstockJSON

/// `GET /health`: the process is alive.
struct HealthAPI: Sendable {
    func routes<Context: RequestContext>(_: Context.Type) -> [RouteTable<Context>.Route] {
        [
            .init(method: .get, path: "/health") { _, _ in
                var writer = JSONWriter()
                writer.object { writer in
                    writer.key("status")
                    writer.value("ok")
                }
                return Response(json: writer.finish())
            }
        ]
    }
}
