import Glibc

/// The variables of the process.
enum ProcessEnvironment {
    /// The value of a variable of ours; nil if neither it nor one that stands for it is set.
    static func value(of name: String) -> String? {
        TextEmbeddingsEnvironment { getenv($0).map { String(cString: $0) } }.value(of: name)
    }

    /// The names of the variables that the process was started with; none if the system does not tell them.
    static var names: [String] {
        let number = open("/proc/self/environ", O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return [] }
        defer { close(number) }
        let input = DataInput(descriptor: Descriptor(number: number), name: "the environment", size: nil)
        var bytes: [UInt8] = []
        do throws(CommandFailure) {
            try input.forEachPiece { bytes += $0 }
        } catch {
            return []
        }
        return bytes.split(separator: 0).compactMap { variable in
            String(validating: variable.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
        }
    }
}

/// An environment in which the variables of Text Embeddings Inference stand for ours that are not set.
///
/// Their names are so general that they count only if `MODEL_ID` says which server they are meant for.
struct TextEmbeddingsEnvironment {
    /// The value of a variable; nil if it is not set.
    let variable: (String) -> String?

    /// Those that mean the same as one of ours.
    private static let aliases = [
        "PENSTOCK_API_KEY": "API_KEY",
        "PENSTOCK_CORS_ALLOW_ORIGIN": "CORS_ALLOW_ORIGIN",
        "PENSTOCK_DEFAULT_PROMPT": "DEFAULT_PROMPT_NAME",
        "PENSTOCK_DTYPE": "DTYPE",
        "PENSTOCK_MAX_BATCH_TOKENS": "MAX_BATCH_TOKENS",
        "PENSTOCK_MAX_BODY_BYTES": "PAYLOAD_LIMIT",
        "PENSTOCK_PORT": "PORT",
    ]

    /// The value of a variable of ours; nil if neither it nor one that stands for it is set.
    func value(of name: String) -> String? {
        if let value = variable(name) { return value }
        guard let model = variable("MODEL_ID"), !model.isEmpty else { return nil }
        guard name == "PENSTOCK_MODELS" else { return Self.aliases[name].flatMap(variable) }
        let revision = variable("REVISION").map { "@\($0)" } ?? ""
        return (variable("SERVED_MODEL_NAME").map { "\($0)=" } ?? "") + model + revision
    }
}
