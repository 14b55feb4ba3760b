/// The time that those who ask for a model have to wait.
extension ModelRoster {
    /// The time that a load takes of which nothing is known yet.
    private static var usualLoadTime: Duration { .seconds(2) }

    /// In how much time a model will be there that is to be loaded: what is left of the loads before it, and its own.
    ///
    /// Each is taken to last as long as it did the last time, or as others did on average.
    package func expectedWait(for name: String, at now: Instant) -> Duration {
        guard let number = entries[name]?.order?.number else { return Self.usualLoadTime }
        let known = entries.values.compactMap(\.loadTime)
        let usual = known.isEmpty ? Self.usualLoadTime : known.reduce(.zero, +) / known.count
        return entries.values.reduce(.zero) { sum, entry in
            guard let order = entry.order, order.number <= number else { return sum }
            let whole = entry.loadTime ?? usual
            guard case .loading(let start) = order.stage else { return sum + whole }
            return sum + max(whole - start.duration(to: now), .zero)
        }
    }
}
