import ArgumentParser
import Glibc
import Logging
import PenstockHub
import PenstockServing

/// `NAME=MODEL`, or a model with the name of its directory, or its id.
struct NamedModel: ExpressibleByArgument {
    let name: String
    private let model: String

    init?(argument: String) {
        let (name, model) = Self.parts(of: argument) ?? (nil, argument)
        guard !model.isEmpty else { return nil }
        self.model = model
        self.name = name ?? (try? ModelLocation(model))?.name ?? ModelSource(directory: model).name
    }

    /// Nil if the name cannot be one.
    init?(name: String, model: String) {
        guard !model.isEmpty, Self.isModelName(name) else { return nil }
        (self.name, self.model) = (name, model)
    }

    /// The folders with the files of models, in their order.
    ///
    /// What cannot be had is logged, and has a folder whose loading fails, so that the other models are served.
    ///
    /// - Throws: ``HubError``, why the first cannot be had, if none can
    static func folders(of models: [NamedModel], logger: Logger) async throws -> [ModelFolders] {
        var folders: [ModelFolders] = []
        var failures: [HubError] = []
        for model in models {
            do {
                folders.append(
                    try await ModelFolders(of: ModelLocation(model.model)) { ProgressDisplay.ofServer(logger) })
            } catch let error as HubError {
                if models.count > 1 { logger.error("the model \(model.name) cannot be had: \(error)") }
                failures.append(error)
                folders.append(ModelFolders(directory: model.model))
            }
        }
        if failures.count == models.count, let first = failures.first { throw first }
        return folders
    }

    /// What is before and behind the first `=`, if that is a name, which may have an owner as on the Hub, and not a path's
    /// part.
    private static func parts(of argument: String) -> (String?, String)? {
        guard let index = argument.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = argument[..<index]
        guard isModelName(name) else { return nil }
        return (String(name), String(argument[argument.utf8.index(after: index)...]))
    }

    private static func isModelName(_ name: some StringProtocol) -> Bool {
        let name = Substring(name)
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.count <= 2 && parts.allSatisfy(isName)
    }

    private static func isName(_ part: Substring.UTF8View) -> Bool {
        guard !part.isEmpty, !part.elementsEqual(".".utf8), !part.elementsEqual("..".utf8) else { return false }
        return part.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || "._-".utf8.contains(byte)
        }
    }
}

/// How help speaks of models.
enum ModelHelp {
    /// What a model can be.
    static let text =
        "A directory of a checkpoint, or the id of a model on the Hugging Face Hub, such as org/name@revision"
    /// The same as a sentence.
    static let argument = ArgumentHelp("\(text).")

    /// What a shell completes a model with: those of the cache, and directories.
    static let completion = CompletionKind.custom { (_, _, prefix) in cached + directories(startingWith: prefix) }
    /// What a shell completes a model of the cache with.
    static let cachedCompletion = CompletionKind.custom { (_, _, _) in cached }

    private static var cached: [String] {
        (try? HubSettings.ofProcess()).map { RepositoryCache.ids(in: $0.cache).map(\.description) } ?? []
    }

    private static func directories(startingWith prefix: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        let escaped = prefix.map { "*?[\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
        guard glob("\(escaped)*/", GLOB_ONLYDIR, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in paths[index].map { String(cString: $0) } }
    }
}
