import PenstockJSON
import PenstockProtocolBuffers
import PenstockServing

/// `inference.GRPCInferenceService`: the Open Inference Protocol as KServe and Triton have it over gRPC. What a method
/// answers is what its route of the same purpose does.
struct InferenceService: Sendable {
    let rpc: RPC
    let models: InferenceModelsAPI
    let repository: ModelRepositoryAPI

    static let path = "/inference.GRPCInferenceService/"

    private var store: ModelStore { rpc.requests.store }

    var routes: [RouteTable.Route] {
        server + [
            rpc.unary(Self.path + "ModelReady") { (asked: ObjectRequests.Asked<NamedModel>, writer) in
                writer.bool(1, try isReady(asked.fields, for: asked.context.caller))
            },
            rpc.unary(Self.path + "ModelMetadata") { (asked: ObjectRequests.Asked<NamedModel>, writer) in
                try OpenInference.check(version: asked.fields)
                writer.metadata(of: try store.presence(of: asked.fields.name, for: asked.context.caller))
            },
            rpc.unary(Self.path + "RepositoryIndex") { (asked: ObjectRequests.Asked<RepositoryIndex>, writer) in
                for status in repository.index(for: asked.context.caller, onlyReady: asked.fields.onlyReady) {
                    writer.message(1) { $0.entry(of: status) }
                }
            },
        ] + InferCalls(rpc: rpc).routes + administration
    }

    /// The methods that everybody may call.
    private var server: [RouteTable.Route] {
        [
            rpc.unary(Self.path + "ServerLive", access: .everybody) { (_: ObjectRequests.Asked<NoFields>, writer) in
                writer.bool(1, true)
            },
            rpc.unary(Self.path + "ServerReady", access: .everybody) { (_: ObjectRequests.Asked<NoFields>, writer) in
                writer.bool(1, store.readiness == .ready)
            },
            rpc.unary(Self.path + "ServerMetadata", access: .everybody) {
                (_: ObjectRequests.Asked<NoFields>, writer) in
                writer.text(1, InferenceModelsAPI.platform)
                writer.text(2, PenstockVersion.current)
                for name in models.repository { writer.element(3, name.utf8) }
            },
        ]
    }

    /// The methods for administrators; none if nobody may administer.
    private var administration: [RouteTable.Route] {
        guard let administration = repository.administration else { return [] }
        return [
            rpc.unary(Self.path + "RepositoryModelLoad", access: .administrators) {
                (asked: ObjectRequests.Asked<RepositoryModel>, _) in
                let name = try AdminAPI.checked(name: asked.fields.name)
                let parameters = RequestFields(asked.fields.parameters, path: "parameters.")
                _ = try await repository.load(
                    try repository.order(name, parameters), for: asked.context.caller, until: asked.client.deadline,
                    administration)
            },
            rpc.unary(Self.path + "RepositoryModelUnload", access: .administrators) {
                (asked: ObjectRequests.Asked<RepositoryModel>, _) in
                _ = try administration.remove(asked.fields.name)
            },
        ]
    }

    /// True if a model is there, or is loaded when somebody asks for it.
    private func isReady(_ model: NamedModel, for caller: Caller) throws -> Bool {
        try OpenInference.check(version: model)
        do {
            _ = try store.presence(of: model.name, for: caller)
            return true
        } catch let error where error.code != .modelForbidden {
            return false
        }
    }
}

extension OpenInference {
    /// - Throws: ``ClientError`` for a version that the model has not.
    static func check(version model: NamedModel) throws(ClientError) {
        if !model.version.isEmpty { try check(version: model.version) }
    }
}

extension MessageWriter {
    /// Writes the fields of `ModelMetadataResponse`.
    fileprivate mutating func metadata(of status: ModelStatus) {
        text(1, status.name)
        text(2, OpenInference.version)
        text(3, InferenceModelsAPI.platform)
        for (field, tensors) in [(4, status.form?.inputTensors), (5, status.form?.outputTensors)] {
            for tensor in tensors ?? [] {
                message(field) { writer in
                    writer.text(1, tensor.name)
                    writer.text(2, tensor.type.rawValue)
                    writer.packed(3, tensor.shape.lazy.map { UInt64(bitPattern: Int64($0)) })
                }
            }
        }
    }

    /// Writes the fields of an entry of the index.
    fileprivate mutating func entry(of status: ModelStatus) {
        text(1, status.name)
        text(2, OpenInference.version)
        text(3, status.repositoryState.rawValue)
        text(4, status.failure ?? "")
    }
}
