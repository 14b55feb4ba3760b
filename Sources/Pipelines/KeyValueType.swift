/// A type in which keys and values of texts that are generated are stored.
public enum KeyValueType: String, Sendable, CaseIterable {
    /// The type in which the model's attention computes: float32 or bfloat16.
    case model
    /// Bytes, with a scale for each token and head: some half of the memory of bfloat16, and less exact.
    case int8
}
