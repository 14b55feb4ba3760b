import Hummingbird

extension PenstockServer {
    /// The methods of gRPC as routes, also for tests that need no socket. They need the same keys as all others.
    package var rpcRouter: Router<ServerContext> {
        let reader = RequestReader(configuration, memory: memory)
        let requests = ObjectRequests(store: store, reader: reader)
        let rpc = RPC(requests: requests, counter: counter, exposesErrors: configuration.exposeErrors)
        let inference = InferenceService(
            rpc: rpc, models: inferenceModels(requests), repository: repository(requests), statistics: statistics)
        return router(
            inference.routes + HealthService(rpc: rpc).routes + ReflectionService(rpc: rpc).routes, isOpen: isOpen,
            errors: .rpc)
    }
}
