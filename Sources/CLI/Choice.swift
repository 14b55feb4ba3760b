import ArgumentParser
import PenstockJSON

/// Options whose values are a few names.
enum Choice {
    /// The value of a name.
    ///
    /// - Throws: an error that lists the names, and asks whether a near one was meant
    @Sendable static func named<Value: CaseIterable & RawRepresentable<String>>(_ name: String) throws -> Value {
        guard let value = Value(rawValue: name) else {
            let names = names(of: Value.self)
            throw ValidationError(
                "it has to be one of \(names.joined(separator: ", "))\(NearNames.question(name, among: names))")
        }
        return value
    }

    /// Returns what a shell completes such an option with.
    static func completion<Value: CaseIterable & RawRepresentable<String>>(_: Value.Type) -> CompletionKind {
        .list(names(of: Value.self))
    }

    private static func names<Value: CaseIterable & RawRepresentable<String>>(of _: Value.Type) -> [String] {
        Value.allCases.map(\.rawValue)
    }
}
