/// Requests that share the tokens of a model with those of others by weight: the requests of one caller.
package struct Flow: Sendable, Hashable {
    /// The caller whose requests they are.
    package enum ID: Sendable, Hashable {
        /// The owner of an API key, by its name.
        case key(String)
        /// Whoever is at a network address, by its leading bits.
        case network(UInt64)
        /// Anybody else.
        case others
    }

    package let id: ID
    /// Its tokens in relation to those of others while all have work, in hundredths.
    let hundredths: Int

    /// The weights that there are.
    package static let weights = 0.01...100.0
    /// Requests of which no more is known.
    package static let others = Flow(.others)

    /// - Parameter weight: within ``weights``, in steps of a hundredth
    package init(_ id: ID, weight: Double = 1) {
        precondition(Self.weights.contains(weight))
        (self.id, hundredths) = (id, Int((100 * weight).rounded()))
    }

    /// The owner of the API key that the requests come with; nil if nobody has to say who they are.
    var owner: String? {
        guard case .key(let name) = id else { return nil }
        return name
    }

    /// Its tokens in relation to those of others.
    var weight: Double { Double(hundredths) / 100 }
}
