import PenstockJSON
import PenstockServing

/// The rights that the owner of a key has: the fields of a key in a file, beside its name and itself.
struct KeyRights: Sendable {
    /// The names of the models that it may use; nil for all.
    var models: Set<String>?
    var limits = QuotaLimits()
    /// Its tokens of a model in relation to those of other callers.
    var weight = 1.0
    /// True if it may load models and have them served no longer.
    var isAdministrator = false

    static let fields = [
        "admin", "models", "weight", "requests_per_minute", "tokens_per_minute", "tokens_in_flight",
    ]
    private static let counts = 1...1_000_000_000_000

    /// Everything.
    init() {}

    /// Reads the fields of a key.
    init(_ field: JSONField<KeysError>) throws(KeysError) {
        func count(_ name: String) throws(KeysError) -> Int? {
            try field[name].optional { (field) throws(KeysError) in try field.integer(in: Self.counts) }
        }
        models = try field["models"].optional { (field) throws(KeysError) in
            Set(try field.map { (name) throws(KeysError) in try name.string() })
        }
        isAdministrator = try field["admin"].bool(default: false)
        weight = try field["weight"].optional(Self.weight) ?? 1
        limits.requestsPerMinute = try count("requests_per_minute")
        limits.tokensPerMinute = try count("tokens_per_minute")
        limits.tokensInFlight = try count("tokens_in_flight")
    }

    private static func weight(_ field: JSONField<KeysError>) throws(KeysError) -> Double {
        guard let weight = field.value?.double, Flow.weights.contains(weight) else {
            let (least, most) = (Flow.weights.lowerBound, Flow.weights.upperBound)
            throw KeysError("\(field.file): \(field.place): has to be a number from \(least) to \(Int(most))")
        }
        return weight
    }
}
