/// A place of a grammar under the calls that are open there.
struct Configuration: Hashable, Sendable {
    let place: GrammarPlace
    let stack: Int32
}

/// Configurations in the order in which they came, each once.
struct ConfigurationSet {
    private(set) var elements: [Configuration] = []
    private var seen: Set<Configuration> = []
    /// Elements that are compared one by one; more have a table.
    private static let few = 16

    /// Inserts a configuration, and returns true if it was not there.
    mutating func insert(_ configuration: Configuration) -> Bool {
        if elements.count < Self.few {
            guard !elements.contains(configuration) else { return false }
        } else {
            if seen.isEmpty { seen = Set(elements) }
            guard seen.insert(configuration).inserted else { return false }
        }
        elements.append(configuration)
        return true
    }
}
