import PenstockJSON

extension Operation {
    /// The routes of the Open Inference Protocol and of Triton's extensions, by method and path.
    static let openInference: [String: Operation] = [
        "GET /v2": inference("The server and what it knows of the protocol.") {
            $0.answer = .object(["name": .string, "version": .string, "extensions": .strings])
        },
        "GET /v2/health/live": Operation(.probes, "Whether the process lives.") {
            $0.answer = .object(["live": .boolean])
        },
        "GET /v2/health/ready": Operation(.probes, "Whether requests are taken.") {
            $0.answer = .object(["ready": .boolean])
            $0.furtherStatuses = [.serviceUnavailable]
        },
        "GET /v2/models": inference("The models that there are.") { $0.answer = .object(["models": .strings]) },
        "GET /v2/models/{model}": inference("What a model takes and gives.") {
            $0.answer = .object([
                "name": .string, "versions": .strings, "platform": .string,
                "inputs": .array(of: tensor), "outputs": .array(of: tensor),
            ])
        },
        "GET /v2/models/{model}/ready": inference("Whether a model is there.") {
            $0.answer = .object(["name": .string, "ready": .boolean])
        },
        "GET /v2/models/{model}/config": inference("The configuration of a model, as Triton has it.") {
            $0.answer = .object()
        },
        "GET /v2/models/{model}/stats": inference("What was counted and timed of a model.") { $0.answer = statistics },
        "GET /v2/models/stats": inference("What was counted and timed of all models.") { $0.answer = statistics },
        "POST /v2/models/{model}/infer": Operation(
            .openInference, "Answers by a model in tensors.",
            takes: .object(
                ["inputs": .array(of: given, atLeast: 1)],
                optional: [
                    "id": JSONSchema.string.orNull, "parameters": JSONSchema.object().orNull,
                    "outputs": JSONSchema.array(
                        of: .object(["name": .string], optional: ["parameters": JSONSchema.object().orNull])
                    ).orNull,
                ]),
            gives: .object(
                ["model_name": .string, "model_version": .string, "outputs": .array(of: given)],
                optional: ["id": .string])),
        "POST /v2/repository/index": Operation(
            .openInference, "The models and their states.",
            takes: .object([:], optional: ["ready": JSONSchema.boolean.orNull]), gives: .array(of: entry)
        ).with { $0.requiresBody = false },
        "POST /v2/repository/models/{model}/load": Operation(
            .administration, "Loads a model.",
            takes: .object([:], optional: ["parameters": JSONSchema.object().orNull]),
            gives: entry
        ).with {
            $0.requiresBody = false
            $0.furtherStatuses = [.conflict]
        },
        "POST /v2/repository/models/{model}/unload": Operation(
            .administration, "Has a model served no longer.", takes: .object(), gives: entry
        ).with {
            $0.requiresBody = false
            $0.furtherStatuses = [.conflict]
        },
        "POST /v1/models/{model}": Operation(
            .openInference, "The predictions of a model, whose name has :predict behind it.",
            takes: .object([:], optional: ["instances": .array(of: .anything), "inputs": .anything]),
            gives: .object(["predictions": .array(of: .anything)])),
    ]

    private static func inference(_ summary: String, _ change: (inout Operation) -> Void) -> Operation {
        Operation(.openInference, summary, change)
    }

    private static let datatype = JSONSchema.among(TensorType.allCases.map { .string($0.rawValue) })

    /// A tensor as a model declares it.
    private static let tensor = JSONSchema.object([
        "name": .string, "datatype": datatype, "shape": .array(of: .integer),
    ])

    /// A tensor with its elements, which may also stand as bytes behind the JSON.
    private static let given = JSONSchema.object(
        ["name": .string, "datatype": datatype, "shape": .array(of: .integer(atLeast: 0))],
        optional: ["parameters": JSONSchema.object().orNull, "data": .array(of: .anything)])

    private static let entry = JSONSchema.object([
        "name": .string, "version": .string, "state": .string, "reason": .string,
    ])

    private static let statistics = JSONSchema.object(["model_stats": .array(of: .object())])
}
