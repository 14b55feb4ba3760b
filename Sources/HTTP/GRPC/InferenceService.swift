import Hummingbird
import PenstockJSON
import PenstockProtocolBuffers
import PenstockServing

/// `inference.GRPCInferenceService`: the Open Inference Protocol as KServe and Triton have it over gRPC. What a method
/// answers is what its route of the same purpose does.
struct InferenceService: Sendable {
    let rpc: RPC
    let models: InferenceModelsAPI
    let repository: ModelRepositoryAPI
    let statistics: InferenceStatisticsAPI

    static let path = "/inference.GRPCInferenceService/"

    private var store: ModelStore { rpc.requests.store }

    var routes: [RouteTable.Route] {
        server + descriptions + [
            rpc.unary(Self.path + "ModelReady") { (asked: ObjectRequests.Asked<NamedModel>, writer) in
                writer.bool(1, try isReady(asked.fields, for: asked.context.caller))
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
                for name in models.extensions { writer.element(3, name.utf8) }
            },
        ]
    }

    /// The methods that tell of models.
    private var descriptions: [RouteTable.Route] {
        [
            rpc.unary(Self.path + "ModelMetadata") { (asked: ObjectRequests.Asked<NamedModel>, writer) in
                writer.metadata(of: try status(of: asked))
            },
            rpc.unary(Self.path + "ModelConfig") { (asked: ObjectRequests.Asked<NamedModel>, writer) in
                let status = try status(of: asked)
                writer.message(1) { $0.configuration(of: status) }
            },
            rpc.unary(Self.path + "ModelStatistics") { (asked: ObjectRequests.Asked<NamedModel>) in
                let isOfAll = asked.fields.name.isEmpty
                let names = isOfAll ? statistics.models(for: asked.context.caller) : [try status(of: asked).name]
                return Response(
                    message: await statistics.statistics(of: names) { models in
                        var writer = MessageWriter()
                        for model in models { writer.message(1) { $0.fields(of: model) } }
                        return writer.bytes
                    })
            },
        ]
    }

    /// - Throws: an error if the model is not there, or the caller may not use it.
    private func status(of asked: ObjectRequests.Asked<NamedModel>) throws -> ModelStatus {
        try OpenInference.check(version: asked.fields)
        return try store.presence(of: asked.fields.name, for: asked.context.caller)
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
        for (field, list) in [(4, status.form?.inputTensors), (5, status.form?.outputTensors)] {
            tensors(field, list, shape: 3) { $0.text(2, $1.rawValue) }
        }
    }

    /// Writes the fields of `ModelConfig`.
    fileprivate mutating func configuration(of status: ModelStatus) {
        text(1, status.name)
        tensors(5, status.form?.inputTensors, shape: 4) { $0.unsigned(2, $1.configurationNumber) }
        tensors(6, status.form?.outputTensors, shape: 3) { $0.unsigned(2, $1.configurationNumber) }
        text(17, InferenceModelsAPI.platform)
    }

    /// Writes a message for each tensor, with its name, its type and its shape.
    ///
    /// - Parameters:
    ///   - shape: the field of the shape
    ///   - type: writes the type
    private mutating func tensors(
        _ field: Int, _ tensors: [TensorDescription]?, shape: Int, type: (inout MessageWriter, TensorType) -> Void
    ) {
        for tensor in tensors ?? [] {
            message(field) { writer in
                writer.text(1, tensor.name)
                type(&writer, tensor.type)
                writer.packed(shape, tensor.shape.lazy.map { UInt64(bitPattern: Int64($0)) })
            }
        }
    }

    /// Writes the fields of `ModelStatistics`.
    fileprivate mutating func fields(of statistics: InferenceStatistics) {
        text(1, statistics.model)
        text(2, OpenInference.version)
        unsigned(4, UInt64(clamping: statistics.inferences))
        unsigned(5, UInt64(clamping: statistics.executions))
        message(6) { writer in
            // The fields are those of the kinds in their order.
            for (index, (_, total)) in statistics.totals.enumerated() {
                writer.message(index + 1) { writer in
                    writer.unsigned(1, UInt64(clamping: total.count))
                    writer.unsigned(2, UInt64(clamping: total.nanoseconds))
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
