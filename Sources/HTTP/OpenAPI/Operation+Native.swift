import PenstockJSON
import PenstockServing

extension Operation {
    /// The routes of Penstock itself, by method and path.
    static let native: [String: Operation] = {
        var all: [String: Operation] = [
            "GET /models": Operation(.models, "The models that there are.") {
                $0.answer = .object(["models": .array(of: modelStatus)])
            },
            "GET /info": Operation(.models, "What the first model takes.") { $0.answer = modelInfo },
            "GET /models/{model}": Operation(.models, "What a model takes.") { $0.answer = modelInfo },
            "GET /models/{model}/info": Operation(.models, "What a model takes.") { $0.answer = modelInfo },
            "GET /models/{model}/health": Operation(.probes, "Whether a model is there.") { $0.answer = probe },
            "POST /": pipeline("Answers by the first model."),
            "POST /invocations": pipeline("Answers by the first model, as SageMaker asks."),
            "POST /models/{model}": pipeline("Answers by a model."),
            "POST /models/{model}/pipeline/{task}": hosted,
            "POST /pipeline/{task}/{model}": hosted,
            "POST /models/{model}/tokenize": tokenize,
            "POST /apply-template": applyTemplate, "POST /models/{model}/apply-template": applyTemplate,
            "PUT /models/{model}": Operation(
                .administration, "Loads a model, or another one in its place.", takes: wish, gives: modelStatus
            ).with { $0.furtherStatuses = [.created, .accepted, .conflict] },
            "DELETE /models/{model}": Operation(.administration, "Has a model served no longer.") {
                $0.answer = modelStatus
                $0.furtherStatuses = [.conflict]
            },
            "GET /metrics": Operation(.probes, "What is counted and timed, for Prometheus.") {
                $0.answer = .string
                $0.mediaType = "text/plain"
            },
            "GET /openapi.json": Operation(.pages, "This description.") { $0.answer = .object() },
        ]
        for page in Page.documentation + Page.shared + Page.playground {
            all["GET \(page.path)"] = Operation(.pages, "A page, or what belongs to one.") {
                $0.answer = .string
                $0.mediaType = page.type
            }
        }
        for path in ["/health", "/health/live", "/healthz", "/livez"] {
            all["GET \(path)"] = Operation(.probes, "Whether the process lives.") { $0.answer = probe }
        }
        for path in ["/", "/ready", "/ping", "/health/ready", "/readyz", "/v1/health"] {
            all["GET \(path)"] = Operation(.probes, "Whether requests are taken.") {
                $0.answer = probe
                $0.furtherStatuses = [.serviceUnavailable]
            }
        }
        return all
    }()

    private static let probe = JSONSchema.object(["status": .string])

    private static let state = JSONSchema.among(ModelStore.State.Name.allCases.map { .string($0.rawValue) })

    private static let modelStatus = JSONSchema.object(
        ["name": .string, "status": state, "pinned": .boolean],
        optional: ["task": .string, "dtype": .string, "error": .string, "weight": .number])

    private static let option = JSONSchema.object(
        ["name": .string, "type": .string, "default": .anything, "description": .string],
        optional: ["minimum": .number, "maximum": .number, "values": .array(of: .anything)])

    /// Of a model that is not loaded it is its status alone.
    private static let modelInfo = JSONSchema.any(
        of: .object(
            ["model": .string, "task": .string, "supported_tasks": .strings, "dtype": .string],
            optional: [
                "options": .array(of: option),
                "tasks": .array(of: .object(["task": .string, "options": .array(of: option)])),
                "chats": .boolean, "mask_token": .string, "version": .string, "threads": .integer,
                "limits": .object(others: .number),
            ]), modelStatus)

    private static let wish = JSONSchema.object(
        ["model": .string],
        optional: [
            "task": JSONSchema.string.orNull, "dtype": JSONSchema.string.orNull, "weight": JSONSchema.number.orNull,
            "pin": JSONSchema.boolean.orNull,
        ], others: nil)

    /// Inputs and parameters of whatever task.
    private static let call = JSONSchema.object(
        ["inputs": .anything], optional: ["parameters": JSONSchema.object().orNull, "options": .object()])

    private static func pipeline(_ summary: String) -> Operation {
        Operation(.pipelines, summary, takes: call, gives: .anything).with {
            $0.takesText = true
            $0.streams = true
        }
    }

    private static let hosted = Operation(
        .hosted, "Answers by a task of a model, in the form of hosted models.", takes: call, gives: .anything
    ).with {
        $0.takesText = true
        $0.streams = true
    }

    private static let tokens = JSONSchema.object([
        "ids": .array(of: .integer), "type_ids": .array(of: .integer), "tokens": .strings,
        "offsets": .array(of: .tuple(.integer, .integer)), "special_tokens_mask": .array(of: .integer),
    ])

    private static let tokenize: Operation = {
        let text = JSONSchema.any(
            of: .string, .tuple(.string, .string), .object(["text": .string], optional: ["text_pair": .string]))
        return Operation(
            .pipelines, "The tokens of texts.",
            takes: .object(["inputs": .oneOrMore(text)], optional: ["add_special_tokens": .boolean]),
            gives: .any(of: tokens, .array(of: tokens))
        ).with { $0.takesText = true }
    }()

    private static let applyTemplate = Operation(
        .pipelines, "The prompt that a chat becomes.",
        takes: .object([
            "messages": .array(of: .object(["role": .string], optional: ["content": .anything]), atLeast: 1)
        ]),
        gives: .object(["prompt": .string, "tokens": .integer]))

    /// The operation with changes.
    func with(_ change: (inout Operation) -> Void) -> Operation {
        var operation = self
        change(&operation)
        return operation
    }
}
