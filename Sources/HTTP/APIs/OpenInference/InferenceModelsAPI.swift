import Hummingbird
import PenstockJSON
import PenstockPipelines
import PenstockServing

/// The routes by which the Open Inference Protocol tells of the server and its models: `GET /v2`, `/v2/health/live` and `/ready`,
/// `/v2/models`, and of a model what it takes and gives, whether it is ready, and its configuration as Triton has it.
struct InferenceModelsAPI: Sendable {
    let store: ModelStore
    /// True if models can be loaded and removed.
    let isAdministered: Bool

    static let platform = "penstock"

    var routes: [RouteTable.Route] {
        [
            get("/v2", access: .everybody) { _, writer in server(into: &writer) },
            get("/v2/health/live", access: .everybody) { _, writer in
                writer.key("live")
                writer.value(true)
            },
            RouteTable.Route(method: .get, path: "/v2/health/ready", access: .everybody, errors: .plain) { _, _ in
                let isReady = store.readiness == .ready
                var writer = JSONWriter()
                writer.object { $0.flag("ready", isReady) }
                return Response(json: writer.finish(), status: isReady ? .ok : .serviceUnavailable)
            },
            get("/v2/models") { caller, writer in
                writer.key("models")
                writer.array { for status in store.all where caller.mayUse(status.name) { $0.value(status.name) } }
            },
        ]
            + model("", Self.metadata) + model("/config", Self.configuration)
            + model("/ready") { status, writer in
                writer.key("name")
                writer.value(status.name)
                writer.flag("ready", true)
            }
    }

    private func get(
        _ path: String, access: RouteTable.Access = .callers,
        _ write: @escaping @Sendable (Caller, inout JSONWriter) -> Void
    ) -> RouteTable.Route {
        RouteTable.Route(method: .get, path: path, access: access, errors: .plain) { _, context in
            var writer = JSONWriter()
            writer.object { write(context.caller, &$0) }
            return Response(json: writer.finish())
        }
    }

    /// A route that tells of a model that is there, or is loaded when somebody asks for it.
    private func model(
        _ ending: String, _ write: @escaping @Sendable (ModelStatus, inout JSONWriter) -> Void
    ) -> [RouteTable.Route] {
        OpenInference.routes(.get, ending: ending) { request, context in
            let status = try store.presence(of: request.modelName, for: context.caller)
            var writer = JSONWriter()
            writer.object { write(status, &$0) }
            return Response(json: writer.finish())
        }
    }

    /// The names of the extensions of the protocol, but that of bytes behind JSON.
    var extensions: [String] {
        ["model_configuration", "statistics"] + (isAdministered ? ["model_repository"] : [])
    }

    private func server(into writer: inout JSONWriter) {
        writer.key("name")
        writer.value(Self.platform)
        writer.key("version")
        writer.value(PenstockVersion.current)
        writer.key("extensions")
        writer.array { writer in
            for name in ["binary_tensor_data"] + extensions { writer.value(name) }
        }
    }

    private static func metadata(_ status: ModelStatus, into writer: inout JSONWriter) {
        writer.key("name")
        writer.value(status.name)
        writer.key("versions")
        writer.array { $0.value(OpenInference.version) }
        writer.key("platform")
        writer.value(platform)
        for (name, tensors) in [("inputs", status.form?.inputTensors), ("outputs", status.form?.outputTensors)] {
            writer.tensors(name, tensors ?? [], type: ("datatype", { $0.rawValue }), shape: "shape")
        }
    }

    private static func configuration(_ status: ModelStatus, into writer: inout JSONWriter) {
        writer.key("name")
        writer.value(status.name)
        writer.key("platform")
        writer.value("")
        writer.key("backend")
        writer.value(platform)
        // The first dimension of a tensor is not a batch of its own: requests are batched with each other anyway.
        writer.key("max_batch_size")
        writer.value(0)
        for (name, tensors) in [("input", status.form?.inputTensors), ("output", status.form?.outputTensors)] {
            writer.tensors(name, tensors ?? [], type: ("data_type", { $0.configurationName }), shape: "dims")
        }
    }
}

extension ModelStatus {
    /// The form of what the model does first, as far as it is known.
    var form: (any TensorForm.Type)? { tasks.first as? any TensorForm.Type }
}

extension JSONWriter {
    /// Writes tensors with their names, types and shapes.
    ///
    /// - Parameters:
    ///   - type: the name of the field of the type, and the types' names
    ///   - shape: the name of the field of the shape
    fileprivate mutating func tensors(
        _ name: String, _ tensors: [TensorDescription], type: (key: String, name: (TensorType) -> String), shape: String
    ) {
        list(name, tensors) { tensor, writer in
            writer.key("name")
            writer.value(tensor.name)
            writer.key(type.key)
            writer.value(type.name(tensor.type))
            writer.key(shape)
            writer.array { for dimension in tensor.shape { $0.value(dimension) } }
        }
    }

    fileprivate mutating func flag(_ name: String, _ flag: Bool) {
        key(name)
        value(flag)
    }

    /// Writes a list of objects.
    fileprivate mutating func list<Element>(
        _ name: String, _ elements: [Element], _ write: (Element, inout JSONWriter) -> Void
    ) {
        key(name)
        array { writer in
            for element in elements { writer.object { write(element, &$0) } }
        }
    }
}
