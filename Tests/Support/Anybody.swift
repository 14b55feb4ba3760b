import PenstockServing

extension Client {
    /// Somebody without limits.
    package init(deadline: ContinuousClock.Instant, isGone: @escaping @Sendable () -> Bool = { false }) {
        self.init(of: .anybody, deadline: deadline, isGone: isGone)
    }
}

extension ModelStore {
    /// A model for somebody without limits.
    package func model(_ name: String? = nil) throws(ServingError) -> ServedModel {
        try model(name, for: .anybody)
    }

    /// Takes note of models that will be loaded, from nowhere in particular.
    package func announce(_ names: [String]) {
        announce(names.map { ModelSource(name: $0, directory: "nothing") })
    }
}
