import ArgumentParser
import Glibc
import Logging
import PenstockHTTP
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
        guard !model.isEmpty, ModelName.isOne(name) else { return nil }
        (self.name, self.model) = (name, model)
    }

    /// Returns the source of the model: a directory, or what finds one, which may be a download.
    ///
    /// - Parameters:
    ///   - gguf: which of several GGUF files it is
    ///   - progress: who is told how a download goes on
    func source(gguf: String?, progress: @escaping @Sendable () -> any DownloadProgress) -> ModelSource {
        let model = model
        var source = ModelSource(name: name, directory: model)
        if gguf == nil, case .folder(let folder)? = try? ModelLocation(model),
            ModelFolders.base(of: folder, at: .folder(folder)) == nil
        {
            return source
        }
        source.fetch = { try await ModelFolders(of: ModelLocation(model), gguf: gguf, progress: progress) }
        return source
    }

    /// Returns what is before and behind the first `=`, if that is a name, which may have an owner as on the Hub, and
    /// not a path's part.
    private static func parts(of argument: String) -> (String?, String)? {
        guard let index = argument.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = argument[..<index]
        guard ModelName.isOne(name) else { return nil }
        return (String(name), String(argument[argument.utf8.index(after: index)...]))
    }
}

/// The words in which help speaks of models.
enum ModelHelp {
    /// A text that says what a model can be.
    static let text =
        "A directory of a checkpoint, a GGUF file, or the id of a model on the Hugging Face Hub, such as "
        + "org/name@revision"
    /// The same as a sentence.
    static let argument = ArgumentHelp("\(text).")

    /// The completion of a model in a shell: those of the cache, and directories.
    static let completion = CompletionKind.custom { (_, _, prefix) in cached + directories(startingWith: prefix) }
    /// The completion of a model of the cache in a shell.
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
