import PenstockPipelines

/// The bad requests that are the same for all tasks, and those of each task.
enum BadInputTable {
    /// The options of a task and those below them, each with the names that lead to it.
    static func paths(
        _ options: [OptionDescription], below path: [String] = []
    ) -> [(path: [String], option: OptionDescription)] {
        options.flatMap { option in
            var found = [(path + [option.name], option)]
            if case .object(let nested) = option.kind { found += paths(nested, below: path + [option.name]) }
            return found
        }
    }

    /// Requests that no task can take.
    static func ofRequests(_ sample: BadInputSample) -> [BadInput] {
        let good = sample.input
        let lacksInputs = #"an object with "inputs""#
        return [
            BadInput("", "the request body is empty", status: 400),
            BadInput(#"{"inputs": \#(good)"#, "is not JSON", status: 400),
            BadInput(#"{"inputs": \#(good)} \#(good)"#, "is not JSON", status: 400),
            BadInput(#"{"inputs": NaN}"#, "is not JSON", status: 400),
            BadInput(#"{'inputs': 'a'}"#, "is not JSON", status: 400),
            BadInput(#"{"inputs": \#(String(repeating: "[", count: 100_000))"#, "is not JSON", status: 400),
            BadInput("{}", lacksInputs),
            BadInput("null", lacksInputs),
            BadInput("7", lacksInputs),
            BadInput("[\(good)]", lacksInputs),
            BadInput(#"{"input": \#(good)}"#, lacksInputs),
            BadInput(#"{"parameters": {}}"#, lacksInputs),
            BadInput(sample.body(inputs: "null"), "inputs has to be"),
            BadInput(sample.body(inputs: "7"), "inputs has to be"),
            BadInput(sample.body(inputs: "true"), "inputs has to be"),
            BadInput(sample.body(inputs: "{}"), "inputs has "),
            BadInput(sample.body(inputs: #"{"nonsense": 1}"#), "inputs has "),
            BadInput(sample.body(inputs: "[]"), "inputs is an empty list"),
            BadInput(sample.body(inputs: "[[]]"), "inputs[0] has to be"),
            BadInput(sample.body(inputs: "[null]"), "inputs[0] has to be"),
            BadInput(sample.body(inputs: "[\(good), 7]"), "inputs[1] has to be"),
            BadInput(sample.body(inputs: "[[\(good)]]"), "inputs[0] has to be"),
            BadInput(sample.body(inputs: "[[[\(good)]]]"), "inputs[0] has to be"),
            BadInput(sample.body(inputs: "[[\(good), \(good)]]"), "inputs[0] has to be"),
            BadInput(sample.body(inputs: good, beside: #", "parameters": 7"#), "parameters has to be an object"),
            BadInput(sample.body(inputs: good, beside: #", "parameters": []"#), "parameters has to be an object"),
            BadInput(sample.body(inputs: good, beside: #", "options": true"#), "options has to be an object"),
            BadInput(sample.body(inputs: good, beside: #", "nonsense": null"#), #"unknown parameter "nonsense""#),
            BadInput(
                sample.body(inputs: good, beside: #", "parameters": {"nonsense": 1}"#),
                #"unknown parameter "nonsense"; known are: "#),
            BadInput(
                sample.body(inputs: good, beside: #", "nonsense": 1, "parameters": {"nonsense": 2}"#),
                #""nonsense" is given twice"#),
        ]
    }

    /// A text of more tokens than any of the fixtures takes.
    static let long = String(repeating: "never before ", count: 200)

    /// Requests that a task cannot take.
    static let ofTasks = [
        "fill-mask": fillMask, "feature-extraction": featureExtraction, "text-classification": textClassification,
        "token-classification": tokenClassification, "question-answering": questionAnswering,
        "sentence-similarity": ofSentences + sentenceSimilarity, "sparse-embeddings": ofSentences + sparseEmbeddings,
        "multi-vector-embeddings": ofSentences + multiVectorEmbeddings, "text-ranking": textRanking,
        "text-generation": textGeneration,
        "zero-shot-classification": zeroShotClassification,
    ]
}
