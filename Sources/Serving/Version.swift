/// The version of this package.
public enum PenstockVersion {
    /// By semantic versioning.
    public static let current = "0.1.0"
}
