/// A tenant, who computes.
package enum Tenant: Hashable, Sendable {
    /// A model, by the number that the gate gave it.
    case model(Int)
    /// Work that comes in turns between batches: loading.
    case loading
}

/// The seconds of the processor, shared by weight among those who have work waiting.
///
/// Start-time fair queueing (Goyal, Vin and Cheng, 1996): each tenant's work starts in virtual time where its work before
/// it ended, a second of work being 1 / weight long, and the least start is next. Virtual time is the start of what runs, so
/// that who comes after a rest starts beside the others and not ahead of them.
package struct FairShares: Sendable {
    private struct Share {
        var weight: Double
        /// The start of the next work.
        var start: Double
    }

    private var shares: [Tenant: Share] = [:]
    private var virtualTime = 0.0

    /// Nobody yet.
    package init() {}

    /// Takes in a tenant.
    package mutating func add(_ tenant: Tenant, weight: Double) {
        precondition(weight > 0)
        shares[tenant] = Share(weight: weight, start: virtualTime)
    }

    package mutating func remove(_ tenant: Tenant) { shares[tenant] = nil }

    /// Changes a tenant's weight from its next work on.
    package mutating func change(weight: Double, of tenant: Tenant) {
        precondition(weight > 0)
        shares[tenant]?.weight = weight
    }

    /// A tenant's seconds in relation to those of others.
    package func weight(_ tenant: Tenant) -> Double { shares[tenant]?.weight ?? 1 }

    /// Returns the start of a tenant's next work if it comes now or has waited.
    package func start(_ tenant: Tenant) -> Double { max(virtualTime, shares[tenant]?.start ?? 0) }

    /// Takes note that a tenant has work that waits, after none did.
    package mutating func activate(_ tenant: Tenant) {
        let start = start(tenant)
        shares[tenant]?.start = start
    }

    /// Takes note that a tenant's work runs that is expected to take so long.
    package mutating func begin(_ tenant: Tenant, seconds: Double) {
        virtualTime = start(tenant)
        advance(tenant, seconds: seconds)
    }

    /// Charges a tenant for seconds more than expected, or fewer.
    package mutating func advance(_ tenant: Tenant, seconds: Double) {
        let length = seconds / weight(tenant)
        shares[tenant]?.start += length
    }

    /// Takes note that nobody has work: what each had before is of no importance to the next.
    package mutating func rest() {
        virtualTime = shares.values.reduce(virtualTime) { max($0, $1.start) }
    }
}
