import Crypto
import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// The routes by which Ollama tells of itself and of models: `GET /api/version`, `/api/tags` and `/api/ps`, and `POST /api/show`.
struct OllamaModelsAPI: Sendable {
    let requests: ObjectRequests
    private let started = Timestamp.text(nanoseconds: WallClock.nanoseconds())

    /// The version of Ollama whose API this is.
    private static let version = "0.13.0"
    /// A time that does not come, for models that stay.
    private static let never = "2318-01-01T00:00:00Z"

    init(requests: ObjectRequests) { self.requests = requests }

    private var store: ModelStore { requests.store }

    var routes: [RouteTable.Route] {
        [
            RouteTable.Route(method: .get, path: "/api/version", access: .everybody, errors: .plain) { _, _ in
                var writer = JSONWriter()
                writer.object { writer in
                    writer.key("version")
                    writer.value(Self.version)
                }
                return Response(json: writer.finish())
            },
            RouteTable.Route(method: .get, path: "/api/tags", errors: .plain) { _, context in
                list(for: context.caller) { status in
                    if case .failed = status.state { false } else { true }
                } more: { _, _ in
                }
            },
            RouteTable.Route(method: .get, path: "/api/ps", errors: .plain) { _, context in
                list(for: context.caller) {
                    $0.loaded != nil
                } more: { model, writer in
                    writer.key("expires_at")
                    writer.value(Self.never)
                    writer.key("size_vram")
                    writer.value(0)
                    writer.key("context_length")
                    writer.value(model?.loaded.maxInputTokens ?? 0)
                }
            },
            RouteTable.Route(method: .post, path: "/api/show", errors: .plain) { request, context in
                try await requests.answer(request, context) { (fields) throws(ClientError) in
                    try fields.ollamaModel()
                } answer: { asked in
                    show(try await requests.model(asked.fields.name, for: asked) { !$0.isEmpty })
                }
            },
        ]
    }

    /// - Parameter more: writes further fields of a model, which is nil if it is not loaded
    private func list(
        for caller: Caller, where isListed: (ModelStatus) -> Bool, more: (ServedModel?, inout JSONWriter) -> Void
    ) -> Response {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("models")
            writer.array { writer in
                for status in store.all where caller.mayUse(status.name) && isListed(status) {
                    writer.object { writer in
                        write(status, into: &writer)
                        more(status.loaded, &writer)
                    }
                }
            }
        }
        return Response(json: writer.finish())
    }

    private func write(_ status: ModelStatus, into writer: inout JSONWriter) {
        let name = OllamaModel.listed(status.name)
        for key in ["name", "model"] {
            writer.key(key)
            writer.value(name)
        }
        writer.key("modified_at")
        writer.value(started)
        writer.key("size")
        writer.value(status.loaded?.loaded.model.cost.weightBytes ?? 0)
        writer.key("digest")
        writer.value(Self.digest(of: status.name))
        writer.key("details")
        writer.object { $0.details(of: status.loaded) }
        writer.key("capabilities")
        writer.array { for name in status.capabilities { $0.value(name) } }
    }

    /// 64 digits that tell a model from others, by its name.
    private static func digest(of name: String) -> String {
        SHA256.hash(data: Array(name.utf8)).reduce(into: "") { text, byte in
            text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
    }

    private func show(_ model: ServedModel) -> Response {
        let architecture = model.loaded.modelType ?? "unknown"
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("details")
            writer.object { $0.details(of: model) }
            writer.key("model_info")
            writer.object { writer in
                writer.key("general.architecture")
                writer.value(architecture)
                writer.key("\(architecture).context_length")
                writer.value(model.loaded.maxInputTokens)
                writer.key("\(architecture).embedding_length")
                writer.value(model.loaded.model.limits.hiddenSize)
            }
            writer.key("capabilities")
            writer.array { for name in model.capabilities { $0.value(name) } }
            for key in ["template", "parameters", "modelfile", "license"] {
                writer.key(key)
                writer.value("")
            }
            writer.key("modified_at")
            writer.value(started)
        }
        return Response(json: writer.finish())
    }
}

extension ModelStatus {
    /// The model; nil if it is not loaded.
    fileprivate var loaded: ServedModel? { if case .ready(let model) = state { model } else { nil } }

    fileprivate var capabilities: [String] { loaded?.capabilities ?? [] }
}

extension ServedModel {
    /// The abilities of the model, in the words of Ollama.
    fileprivate var capabilities: [String] {
        var names: [String] = []
        if let generation = task(TextGeneration.self) {
            names.append("completion")
            if generation.endsOfGaps != nil { names.append("insert") }
            if generation.toolCallFormat() != nil { names.append("tools") }
            if generation.thoughtFormat() != nil { names.append("thinking") }
        }
        if task(SentenceSimilarity.self) != nil { names.append("embedding") }
        return names
    }
}

extension JSONWriter {
    /// Writes the fields of the kind of a model; empty ones of one that is not loaded.
    fileprivate mutating func details(of model: ServedModel?) {
        let family = model?.loaded.modelType
        key("parent_model")
        value("")
        key("format")
        value("")
        key("family")
        value(family ?? "")
        key("families")
        array { if let family { $0.value(family) } }
        key("parameter_size")
        value("")
        key("quantization_level")
        value(model?.loaded.dtype.rawValue ?? "")
    }
}
