import Testing

/// A request that a task cannot take, with the status of its answer and what the message has to say.
struct BadInput: Sendable {
    let body: String
    let status: Int
    /// A part of the message: the name of the field at fault, at least.
    let named: String

    init(_ body: String, _ named: String, status: Int = 422) {
        (self.body, self.status, self.named) = (body, status, named)
    }
}

/// A task with a fixture that can do it, and an input that is good.
struct BadInputSample: Sendable, CustomTestStringConvertible {
    let task: String
    let checkpoint: String
    /// An input, in JSON.
    let input: String
    /// The parameters that have to be there, each behind a comma.
    let parameters: String

    init(_ task: String, _ checkpoint: String, _ input: String = #""a""#, _ parameters: String = "") {
        (self.task, self.checkpoint, self.input, self.parameters) = (task, checkpoint, input, parameters)
    }

    var testDescription: String { task }

    /// Good requests for every task.
    static let all = [
        BadInputSample("fill-mask", "bert-tiny", #""a [MASK]""#),
        BadInputSample("feature-extraction", "bert-tiny"),
        BadInputSample("text-classification", "bert-sequence"),
        BadInputSample("token-classification", "bert-tokens"),
        BadInputSample("question-answering", "span-bert", #"{"question": "a", "context": "b"}"#),
        BadInputSample("sentence-similarity", "st-mean"),
        BadInputSample("sparse-embeddings", "sparse-plain"),
        BadInputSample("multi-vector-embeddings", "tokens-colbert"),
        BadInputSample("text-ranking", "ranking-bert", #"{"query": "a", "texts": ["b"]}"#),
        BadInputSample("text-generation", "llama", #""t3 t4""#, #", "max_new_tokens": 2"#),
        BadInputSample("zero-shot-classification", "zero-shot-bert", #""a""#, #", "candidate_labels": ["a"]"#),
    ]

    /// A server that does the task.
    func server() throws -> TestServer {
        task == "text-generation"
            ? try TestServer(decoder: checkpoint)
            : try TestServer(checkpoint: checkpoint, task: task, maxBodyBytes: 1 << 20)
    }

    /// A body with these inputs and the parameters that have to be there.
    func body(inputs: String, beside others: String = "") -> String {
        #"{"inputs": \#(inputs)\#(parameters)\#(others)}"#
    }
}
