import ArgumentParser
import PenstockJSON

/// An option of a command as its declaration has it: what the environment and the configuration file call it follows from
/// its name.
struct DeclaredOption: Sendable {
    /// A way in which it is given.
    enum Kind: Sendable {
        case value
        /// A value, which can be repeated.
        case values
        /// A flag; `negation` is the name that takes it back, if there is one.
        case flag(negation: String?)
    }

    /// Its long name without dashes: `max-body-bytes`, also in the file.
    let name: String
    let kind: Kind

    /// The start of the names of variables.
    static let variablePrefix = "PENSTOCK_"

    /// Its name in the environment: `PENSTOCK_MAX_BODY_BYTES`.
    var variable: String {
        Self.variablePrefix + name.map { $0 == "-" ? "_" : $0.uppercased() }.joined()
    }

    /// All names by which arguments give it.
    var names: [String] { if case .flag(let negation?) = kind { [name, negation] } else { [name] } }

    /// The options that a command's help lists, in their order.
    static func all(of command: any ParsableArguments.Type) -> [DeclaredOption] {
        let help = try? JSONValue(parsing: command._dumpHelp().utf8)
        let arguments = help?["command"]?["arguments"]?.array ?? []
        let named = arguments.compactMap { argument -> (name: String, argument: JSONValue)? in
            let names = argument["names"]?.array ?? []
            let long = names.first { $0["kind"]?.string == "long" }?["name"]?.string
            guard let long, argument["shouldDisplay"]?.bool == true, !builtIn.contains(long) else { return nil }
            return (long, argument)
        }
        let names = Set(named.map(\.name))
        return named.compactMap { name, argument in
            let isRepeating = argument["isRepeating"]?.bool == true
            guard argument["kind"]?.string == "flag" else {
                return DeclaredOption(name: name, kind: isRepeating ? .values : .value)
            }
            if name.hasPrefix("no-"), names.contains(String(name.dropFirst(3))) { return nil }
            return DeclaredOption(name: name, kind: .flag(negation: names.contains("no-\(name)") ? "no-\(name)" : nil))
        }
    }

    private static let builtIn: Set<String> = ["help", "version"]

    // MARK: Arguments

    /// Arguments that give it the values of a variable: of one that can be repeated, several with commas between them.
    ///
    /// - Throws: what a value has to be
    func arguments(ofVariable text: String) throws(SettingError) -> [String] {
        switch kind {
        case .value: return ["--\(name)=\(text)"]
        case .values: return text.split(separator: ",").map { "--\(name)=\($0)" }
        case .flag(let negation):
            switch text.lowercased() {
            case "1", "true", "yes", "on": return ["--\(name)"]
            case "0", "false", "no", "off": return negation.map { ["--\($0)"] } ?? []
            default: throw SettingError("has to be true or false")
            }
        }
    }

    /// Arguments that give it the value of a file; none for null.
    ///
    /// - Throws: what a value has to be
    func arguments(of node: YAMLNode) throws(SettingError) -> [String] {
        if node.isNull { return [] }
        switch (kind, node) {
        case (.value, .scalar(let text, _)), (.values, .scalar(let text, _)): return ["--\(name)=\(text)"]
        case (.values, .mapping(let entries)):
            var arguments: [String] = []
            for entry in entries {
                guard case .scalar(let text, _) = entry.value else {
                    throw SettingError("has to be a mapping to values")
                }
                arguments.append("--\(name)=\(entry.key)=\(text)")
            }
            return arguments
        case (.values, .sequence(let nodes)):
            var arguments: [String] = []
            for node in nodes {
                guard case .scalar(let text, _) = node else { throw SettingError("has to be a list of values") }
                arguments.append("--\(name)=\(text)")
            }
            return arguments
        case (.flag, .scalar):
            guard let isOn = node.json.bool else { throw SettingError("has to be true or false") }
            return try arguments(ofVariable: isOn ? "true" : "false")
        case (.value, _): throw SettingError("has to be a value")
        case (.values, _): throw SettingError("has to be a value, or a list of values")
        case (.flag, _): throw SettingError("has to be true or false")
        }
    }
}

/// An error that says what a setting has to be; whoever knows its place puts that before it.
struct SettingError: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
