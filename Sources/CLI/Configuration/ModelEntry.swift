import ArgumentParser
import PenstockHTTP
import PenstockHub
import PenstockJSON
import PenstockServing

/// The options that each model of a configuration file may have.
struct ModelSettings: ParsableArguments {
    @OptionGroup var wish: GGUFOption
    @OptionGroup var loading: LoadingOptions
    @OptionGroup var gate: GateOptions
}

/// A model to serve, and how.
struct ModelEntry {
    /// The option by which the environment and the file pass models to the parser.
    static let option = "model-entry"

    let model: NamedModel
    /// Which of several GGUF files it is.
    let gguf: String?
    let loading: LoadingOptions
    let gate: GateOptions

    init(model: NamedModel, gguf: String?, loading: LoadingOptions, gate: GateOptions) {
        (self.model, self.gguf, self.loading, self.gate) = (model, gguf, loading, gate)
    }

    /// - Throws: an error of the parser, or a `ValidationError`
    init(_ text: Text) throws {
        guard let model = text.name.map({ NamedModel(name: $0, model: text.model) }) ?? NamedModel(argument: text.model)
        else {
            throw ValidationError(
                "\((text.name ?? text.model).shown) is no name of a model: \(ModelName.rule)"
            )
        }
        let settings = try ModelSettings.parse(text.arguments)
        self.init(model: model, gguf: settings.wish.gguf, loading: settings.loading, gate: settings.gate)
    }

    /// Reads an argument.
    @Sendable init(argument: String) throws {
        guard let text = Text(json: argument) else { throw ValidationError("it is for penstock alone") }
        try self.init(text)
    }

    /// Returns the source of the model, and how it is served.
    func source(_ store: StoreOptions, progress: @escaping @Sendable () -> any DownloadProgress) -> ModelSource {
        var source = model.source(gguf: gguf, progress: progress)
        (source.task, source.loading, source.serving) = (loading.task, loading.options, gate.configuration)
        source.serving.weight = store.weight(of: source.name)
        source.isPinned = store.pins.contains(source.name)
        return source
    }

    /// An entry as an argument.
    struct Text {
        let name: String?
        let model: String
        /// The options.
        let arguments: [String]

        init(name: String?, model: String, arguments: [String]) {
            (self.name, self.model, self.arguments) = (name, model, arguments)
        }

        init?(json: String) {
            guard let value = try? JSONValue(parsing: json.utf8), let model = value["model"]?.string else { return nil }
            self.init(
                name: value["name"]?.string, model: model,
                arguments: value["arguments"]?.array?.compactMap(\.string) ?? [])
        }

        var json: String {
            var writer = JSONWriter()
            writer.value(
                .object(
                    JSONObject([
                        ("name", name.map(JSONValue.string) ?? .null), ("model", .string(model)),
                        ("arguments", .array(arguments.map(JSONValue.string))),
                    ])))
            return String(decoding: writer.finish(), as: UTF8.self)
        }
    }
}
