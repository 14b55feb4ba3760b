extension BadInputTable {
    static let textRanking = [
        BadInput(#"{"inputs": {"query": "a", "texts": []}}"#, "inputs.texts is an empty list"),
        BadInput(#"{"inputs": {"query": "", "texts": ["a"]}}"#, "inputs.query: the text is empty"),
        BadInput(#"{"inputs": {"query": "a"}}"#, "inputs has no texts"),
        BadInput(#"{"inputs": {"texts": ["a"]}}"#, "inputs has no query"),
        BadInput(#"{"inputs": {"query": 7, "texts": ["a"]}}"#, "inputs.query has to be a text"),
        BadInput(#"{"inputs": {"query": "a", "texts": "b"}}"#, "inputs.texts has to be a list of texts"),
        BadInput(#"{"inputs": {"query": "a", "texts": ["b", null]}}"#, "inputs.texts[1] has to be a text"),
        BadInput(#"{"inputs": {"query": "a", "texts": [["b"]]}}"#, "inputs.texts[0] has to be a text"),
        BadInput(#"{"inputs": {"query": "a", "texts": ["b"], "documents": []}}"#, #"unknown key "documents""#),
        BadInput(#"{"inputs": [{"query": "a", "texts": ["b"]}, "c"]}"#, "inputs[1] has to be an object"),
        BadInput(#"{"inputs": "a"}"#, "inputs has to be an object with query, texts"),
        BadInput(#"{"inputs": {"query": "a", "texts": ["b"]}, "function_to_apply": "softmax"}"#, "function_to_apply"),
        BadInput(#"{"inputs": {"query": "a", "texts": ["b"]}, "topk": 1}"#, #"unknown parameter "topk""#),
        BadInput(#"{"inputs": {"query": "a", "texts": ["b"]}, "prompt": 7}"#, "parameter prompt"),
        BadInput(
            #"{"inputs": {"query": "a", "texts": ["b"]}, "prompt_name": "nonsense"}"#,
            "parameter prompt_name: there is no prompt"),
        BadInput(#"{"inputs": {"query": "a", "texts": ["b"]}, "max_length": 1}"#, "max_length 1 leaves no room"),
        BadInput(
            #"{"inputs": {"query": "a", "texts": ["b", "\#(long)"]}, "truncation": false}"#,
            "inputs.texts[1]: the text has"),
        BadInput(
            #"{"inputs": {"query": "a", "texts": ["\#(long)"]}, "truncation": false}"#,
            "shorten it or ask for truncation"),
        BadInput(#"{"inputs": {"query": "a", "texts": ["\#(long)"]}, "max_length": 100}"#, "lower max_length"),
        BadInput(
            #"{"inputs": {"query": "\#(long)", "texts": ["a"]}, "truncation": "only_second"}"#,
            "truncate longest_first"),
    ]

    static let questionAnswering = [
        BadInput(#"{"inputs": {"question": "", "context": "a cat"}}"#, "inputs.question: the text is empty"),
        BadInput(#"{"inputs": {"question": "a cat", "context": ""}}"#, "inputs.context: the text is empty"),
        BadInput(
            #"{"inputs": [{"question": "a", "context": "b"}, {"question": "a", "context": ""}]}"#,
            "inputs[1].context: the text is empty"),
        BadInput(#"{"inputs": {"question": "a cat"}}"#, "inputs has no context"),
        BadInput(#"{"inputs": {"context": "a cat"}}"#, "inputs has no question"),
        BadInput(#"{"inputs": {"question": null, "context": "a cat"}}"#, "inputs.question has to be a text"),
        BadInput(#"{"inputs": {"question": "a", "context": ["a cat"]}}"#, "inputs.context has to be a text"),
        BadInput(#"{"inputs": {"question": "a", "context": "b", "text": "c"}}"#, #"unknown key "text""#),
        BadInput(#"{"inputs": [{"question": "a", "context": "b"}, {"question": "a"}]}"#, "inputs[1] has no context"),
        BadInput(#"{"inputs": "a cat"}"#, "inputs has to be an object with question, context"),
        BadInput(
            #"{"inputs": {"question": "a", "context": "b"}, "doc_stride": 21, "max_seq_len": 20}"#,
            "parameter doc_stride is 21, more than max_seq_len"),
        BadInput(
            #"{"inputs": {"question": "a", "context": "\#(long)"}, "doc_stride": 18, "max_seq_len": 20}"#,
            "parameter doc_stride is 18, but has to be less than the"),
        BadInput(#"{"inputs": {"question": "\#(long)", "context": "b"}}"#, "lower max_question_len"),
        BadInput(#"{"inputs": {"question": "a", "context": "\#(long)"}, "max_seq_len": 100}"#, "lower max_seq_len"),
        BadInput(#"{"inputs": {"question": "a", "context": "b"}, "topk": 1}"#, #"unknown parameter "topk""#),
    ]
}
