import PenstockFiles
import PenstockHTTP
import PenstockJSON

/// The file of `serve --config`: options by their names, `models`, and `keys`.
struct ConfigurationFile {
    /// A model in the file.
    struct Model {
        /// The name by which it is served; nil for that of its directory or repository.
        let name: String?
        /// The directory or the id.
        let model: String
        /// Its own options, as arguments by the name of the option.
        let options: [(option: DeclaredOption, arguments: [String])]
    }

    /// The options, as arguments by the name of the option.
    private(set) var options: [(option: DeclaredOption, arguments: [String])] = []
    private(set) var models: [Model] = []

    private let path: String
    private static let modelsKey = "models"
    private static let keysKey = "keys"
    private static let (nameKey, modelKey) = ("name", "model")

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - declared: the options that it may have
    ///   - ofModels: those that each model may have
    /// - Throws: ``CommandFailure`` that names the place and the remedy
    init(path: String, _ declared: [DeclaredOption], ofModels: [DeclaredOption]) throws(CommandFailure) {
        self.path = path
        let known = declared.map(\.name) + [Self.modelsKey, Self.keysKey]
        for entry in try Self.entries(at: path) {
            let key = Self.normalized(entry.key)
            switch key {
            case Self.modelsKey: try readModels(entry, ofModels)
            // They are read by whoever checks keys, and read again.
            case Self.keysKey: break
            default:
                guard let option = declared.first(where: { $0.name == key }) else {
                    throw Self.unknown(entry, "", known, in: path)
                }
                guard !options.contains(where: { $0.option.name == key }) else {
                    throw Self.failure(path, entry.line, "\(key) is there twice")
                }
                options.append((option, try arguments(of: option, entry, at: key)))
            }
        }
    }

    /// The API keys in a file, in the form of a file of keys; none if it has none.
    static func keys(at path: String) throws(KeysError) -> [APIKey] {
        let entries: [YAMLNode.Entry]
        do throws(CommandFailure) {
            entries = try Self.entries(at: path)
        } catch {
            throw KeysError(error.message ?? "")
        }
        guard let value = entries.first(where: { normalized($0.key) == keysKey })?.value else { return [] }
        // A server that was to have keys is never an open one.
        let keys = value.isNull ? [] : try KeysFile.keys(in: .object(JSONObject([(keysKey, value.json)])), path)
        guard !keys.isEmpty else { throw KeysError("\(path): keys is empty; leave it out, or give it a key") }
        return keys
    }

    private static func entries(at path: String) throws(CommandFailure) -> [YAMLNode.Entry] {
        let text: String?
        do throws(FileError) {
            text = try InputFile(path: path).contents(atMost: 1 << 20).withBytes {
                String(validating: $0, as: UTF8.self)
            }
        } catch {
            throw CommandFailure(message: "\(error)", status: 2)
        }
        guard let text else { throw CommandFailure(message: "\(path): is not UTF-8", status: 2) }
        let node: YAMLNode
        do throws(YAMLError) {
            node = try YAMLParser.node(in: text)
        } catch {
            throw CommandFailure(message: "\(path), \(error)", status: 2)
        }
        if node.isNull { return [] }
        guard case .mapping(let entries) = node else {
            throw CommandFailure(
                message: "\(path): has to be a mapping of options to values, as in `port: 8000`", status: 2)
        }
        return entries
    }

    private mutating func readModels(_ entry: YAMLNode.Entry, _ declared: [DeclaredOption]) throws(CommandFailure) {
        if entry.value.isNull { return }
        guard case .sequence(let nodes) = entry.value else {
            throw Self.failure(path, entry.line, "models has to be a list")
        }
        for (index, node) in nodes.enumerated() {
            models.append(try model(node, at: "models[\(index)]", entry.line, declared))
        }
    }

    private func model(
        _ node: YAMLNode, at place: String, _ line: Int, _ declared: [DeclaredOption]
    ) throws(CommandFailure) -> Model {
        if case .scalar(let text, _) = node, !text.isEmpty, !node.isNull {
            return Model(name: nil, model: text, options: [])
        }
        guard case .mapping(let entries) = node else {
            throw Self.failure(path, line, "\(place) has to be a model, or a mapping with a key `model`")
        }
        var texts: [String: String] = [:]
        var options: [(option: DeclaredOption, arguments: [String])] = []
        let known = [Self.nameKey, Self.modelKey] + declared.map(\.name)
        for entry in entries {
            let key = Self.normalized(entry.key)
            if [Self.nameKey, Self.modelKey].contains(key) {
                guard case .scalar(let text, _) = entry.value, !text.isEmpty, !entry.value.isNull else {
                    throw Self.failure(path, entry.line, "\(place).\(key) has to be a text")
                }
                texts[key] = text
            } else if let option = declared.first(where: { $0.name == key }) {
                guard !options.contains(where: { $0.option.name == key }) else {
                    throw Self.failure(path, entry.line, "\(place).\(key) is there twice")
                }
                options.append((option, try arguments(of: option, entry, at: "\(place).\(key)")))
            } else {
                throw Self.unknown(entry, "\(place).", known, in: path)
            }
        }
        guard let model = texts[Self.modelKey] else {
            throw Self.failure(
                path, entries.first?.line ?? line,
                "\(place) has no `model`: a directory, or the id of a model on the Hub")
        }
        return Model(name: texts[Self.nameKey], model: model, options: options)
    }

    private func arguments(
        of option: DeclaredOption, _ entry: YAMLNode.Entry, at place: String
    ) throws(CommandFailure) -> [String] {
        do throws(SettingError) {
            return try option.arguments(of: entry.value)
        } catch {
            throw Self.failure(path, entry.line, "\(place) \(error.message)")
        }
    }

    /// Keys may have underscores for hyphens.
    private static func normalized(_ key: String) -> String { String(key.map { $0 == "_" ? "-" : $0 }) }

    private static func unknown(
        _ entry: YAMLNode.Entry, _ place: String, _ known: [String], in path: String
    ) -> CommandFailure {
        let near = NearNames.of(normalized(entry.key), among: known)
        let remedy =
            near.isEmpty
            ? "known are \(known.sorted().joined(separator: ", "))" : "did you mean \(near.joined(separator: " or "))?"
        return failure(path, entry.line, "\(place)\(entry.key.shown) is not known; \(remedy)")
    }

    private static func failure(_ path: String, _ line: Int, _ message: String) -> CommandFailure {
        CommandFailure(message: "\(path), line \(line): \(message)", status: 2)
    }
}
