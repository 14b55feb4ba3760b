import HTTPTypes
import Hummingbird

/// The model that the path of a request is about.
///
/// `/models/NAME` names one, and so does `/models/OWNER/NAME` where the name has a slash, as names on the Hub have. A slash
/// may also be escaped, as whatever else; then the name is one part of the path whatever follows. The same goes for
/// `/v1/models/NAME`, perhaps with a verb behind a colon, for `/v2/models/NAME` and what follows it in the Open Inference
/// Protocol, and, with the name of a task, for `/pipeline/TASK/NAME` and `/models/NAME/pipeline/TASK`.
enum ModelPath: Equatable {
    /// The first, of a path that names none.
    case first
    case named(String)
    /// Its name has an escape that is none, or is not UTF-8.
    case unreadable
    /// The path is about no model.
    case noModel

    /// The parts of a path that may follow a name.
    private static let endings: Set<Substring> = ["tokenize", "apply-template", "health", "info"]
    private static let inferenceEndings: Set<Substring> = [
        "infer", "ready", "config", "stats", "generate", "generate_stream",
    ]
    private static let pipeline: Substring = "pipeline"
    private static let versions: Substring = "versions"

    /// Further parts that may follow a name, several together: the routes of OpenAI's API that generate.
    private static let longEndings: [[Substring]] = [["v1", "chat", "completions"], ["v1", "completions"]]

    /// Parts of the longest path: `v2`, `models`, the two of a name, `versions`, a version and `infer`.
    private static let mostParts = 7

    init(_ path: String) {
        guard var parts = path.pathParts(atMost: Self.mostParts) else {
            self = .noModel
            return
        }
        // KServe has the routes of OpenAI behind a name of their own.
        if parts.count > 1, parts[0] == "openai", parts[1] == "v1" { parts.removeFirst() }
        var hasVerb = false
        switch parts.first {
        case nil, "info", "tokenize", "apply-template", "invocations":
            self = .first
            return
        case "models":
            parts.removeFirst()
            if let ending = Self.longEndings.first(where: {
                parts.count > $0.count && parts.suffix($0.count) == $0[...]
            }) {
                parts.removeLast(ending.count)
            }
            if parts.count > 1, let last = parts.last, Self.endings.contains(last) { parts.removeLast() }
            if parts.count > 2, parts[parts.count - 2] == Self.pipeline { parts.removeLast(2) }
        case "v1" where parts.count > 1 && parts[1] == "models":
            parts.removeFirst(2)
            hasVerb = true
        case "v2" where parts.count > 1 && parts[1] == "models":
            parts.removeFirst(2)
            if parts.count > 1, let last = parts.last, Self.inferenceEndings.contains(last) { parts.removeLast() }
            if parts.count > 2, parts[parts.count - 2] == Self.versions { parts.removeLast(2) }
        case "v2" where parts.count > 3 && parts[1] == "repository" && parts[2] == "models":
            parts = Array(parts.dropFirst(3).dropLast())
        case Self.pipeline where parts.count > 1: parts.removeFirst(2)
        default: parts = []
        }
        guard 1...2 ~= parts.count else {
            self = .noModel
            return
        }
        var names = parts.compactMap(Self.unescaped)
        if hasVerb, let last = names.popLast() { names.append(String(last.prefix { $0 != ":" })) }
        self = names.count == parts.count ? .named(names.joined(separator: "/")) : .unreadable
    }

    /// The name of the task that a path has beside that of a model; nil if it has none.
    ///
    /// - Throws: ``ClientError`` for a name that cannot be read.
    static func task(in path: String) throws(ClientError) -> String? {
        let parts = path.pathParts(atMost: mostParts) ?? []
        let name: Substring
        switch parts.first {
        case pipeline where parts.count > 1: name = parts[1]
        case "models" where parts.count > 3 && parts[parts.count - 2] == pipeline: name = parts[parts.count - 1]
        default: return nil
        }
        guard let task = unescaped(name) else {
            throw ClientError(.notFound, "there is no task of this name: \(illegible)")
        }
        return task
    }

    /// The version of the model that a path of the Open Inference Protocol names; nil if it names none.
    static func version(in path: String) -> Substring? {
        let parts = path.pathParts(atMost: mostParts) ?? []
        guard parts.first == "v2", let place = parts.lastIndex(of: versions), place > 2, place + 1 < parts.count else {
            return nil
        }
        return parts[place + 1]
    }

    /// The verb that a path has behind a colon, which may be escaped, as in `/v1/models/NAME:predict`; nil if it has none.
    static func verb(in path: String) -> String? {
        guard let last = path.pathParts(atMost: mostParts)?.last.flatMap(unescaped), let colon = last.lastIndex(of: ":")
        else { return nil }
        return String(last[last.index(after: colon)...])
    }

    fileprivate static let illegible = "it has a % without two hexadecimal digits, or is no UTF-8"

    /// Routes for models by their names.
    ///
    /// - Parameters:
    ///   - start: what precedes the name
    ///   - ending: what follows it
    static func routes(
        _ method: HTTPRequest.Method, after start: String = "/models", ending: String = "",
        access: RouteTable.Access = .callers, errors: ErrorEnvelope = .native,
        handler: @escaping @Sendable (Request, ServerContext) async throws -> Response
    ) -> [RouteTable.Route] {
        // The parts of one place have one name, so that the router goes one way with all of them.
        ["/{model}", "/{model}/{name}"].map {
            RouteTable.Route(
                method: method, path: start + $0 + ending, access: access, errors: errors, handler: handler)
        }
    }

    /// A part of a path with its percent escapes resolved; nil if one is none, or the bytes are not UTF-8.
    static func unescaped(_ part: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = part.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Request {
    /// The name of the model that the path is about; nil for the first.
    ///
    /// - Throws: ``ClientError`` if the path has a name that cannot be read.
    var modelName: String? {
        get throws(ClientError) {
            switch ModelPath(uri.path) {
            case .first: return nil
            case .named(let name): return name
            case .unreadable, .noModel:
                throw ClientError(.notFound, "there is no model of this name: \(ModelPath.illegible)")
            }
        }
    }

    /// The name of the task in the path; nil if it has none.
    ///
    /// - Throws: ``ClientError`` for a name that cannot be read.
    var taskName: String? {
        get throws(ClientError) { try ModelPath.task(in: uri.path) }
    }
}
