extension BadInputTable {
    static let fillMask = [
        BadInput(#"{"inputs": ""}"#, "inputs: No mask_token ([MASK]) found"),
        BadInput(#"{"inputs": ["b"]}"#, "inputs[0]: No mask_token"),
        BadInput(#"{"inputs": ["a [MASK]", "b"]}"#, "inputs[1]: No mask_token"),
        BadInput(#"{"inputs": "[MASK] \#(long)"}"#, "inputs: the text has"),
        BadInput(#"{"inputs": "[MASK] \#(long)"}"#, "shorten it or ask for truncation"),
        BadInput(#"{"inputs": ["[MASK]", "[MASK] \#(long)"]}"#, "inputs[1]: the text has"),
        BadInput(#"{"inputs": "[MASK] \#(long)", "tokenizer_kwargs": {"max_length": 1000}}"#, "lower max_length"),
        BadInput(
            #"{"inputs": "[MASK] \#(long)", "tokenizer_kwargs": {"truncation": false, "max_length": 9}}"#,
            "shorten it or ask for truncation"),
        BadInput(#"{"inputs": "a b c [MASK]", "tokenizer_kwargs": {"max_length": 4}}"#, "inputs: No mask_token"),
        BadInput(#"{"inputs": "a [MASK]", "tokenizer_kwargs": {"max_length": 1}}"#, "max_length 1 leaves no room"),
        BadInput(
            #"{"inputs": "a [MASK] \#(long)", "tokenizer_kwargs": {"truncation": "only_second"}}"#,
            "truncation only_second needs a second text"),
        BadInput(#"{"inputs": "a [MASK]", "tokenizer_kwargs": {"x": 1}}"#, #"unknown parameter tokenizer_kwargs."x""#),
        BadInput(#"{"inputs": "a [MASK]", "top_k": 1000000}"#, "parameter top_k is 1000000"),
        BadInput(#"{"inputs": "a [MASK]", "targets": []}"#, "parameter targets"),
        BadInput(#"{"inputs": "a [MASK]", "targets": ""}"#, "parameter targets"),
        BadInput(#"{"inputs": "a [MASK]", "targets": ["", ""]}"#, "parameter targets"),
        BadInput(#"{"inputs": "a [MASK]", "top_k": 1, "parameters": {"top_k": 2}}"#, #""top_k" is given twice"#),
    ]

    static let textClassification = [
        BadInput(#"{"inputs": {"text_pair": "a"}}"#, "inputs has no text"),
        BadInput(#"{"inputs": {"text": null}}"#, "inputs.text has to be a text"),
        BadInput(#"{"inputs": {"text": ["a"]}}"#, "inputs.text has to be a text"),
        BadInput(#"{"inputs": {"text": "a", "text_pair": 7}}"#, "inputs.text_pair has to be a text"),
        BadInput(#"{"inputs": {"text": "a", "pair": "b"}}"#, #"unknown key "pair""#),
        BadInput(#"{"inputs": ["a", {"text": 7}]}"#, "inputs[1].text has to be a text"),
        BadInput(#"{"inputs": [["a", "b"], ["c", "d"]]}"#, "inputs[0] has to be a text or, for a pair of texts"),
        BadInput(#"{"inputs": [[["a", "b", "c"]]]}"#, "inputs[0] has to be"),
        BadInput(#"{"inputs": "\#(long)"}"#, "inputs: the text has"),
        BadInput(#"{"inputs": {"text": "a", "text_pair": "\#(long)"}}"#, "inputs: the text has"),
        BadInput(#"{"inputs": ["a", "\#(long)"]}"#, "inputs[1]: the text has"),
        BadInput(#"{"inputs": "\#(long)", "truncation": false, "max_length": 5}"#, "ask for truncation"),
        BadInput(#"{"inputs": "\#(long)", "max_length": 1000}"#, "lower max_length"),
        BadInput(#"{"inputs": "a", "max_length": 1}"#, "max_length 1 leaves no room"),
        BadInput(#"{"inputs": "\#(long)", "truncation": "only_second"}"#, "truncation only_second"),
        BadInput(#"{"inputs": "", "add_special_tokens": false}"#, "inputs: the text has no tokens"),
        BadInput(#"{"inputs": "a", "function_to_apply": "tanh"}"#, "parameter function_to_apply has to be"),
        BadInput(#"{"inputs": "a", "return_all_scores": true}"#, #"unknown parameter "return_all_scores""#),
    ]

    static let tokenClassification = [
        BadInput(#"{"inputs": ["a", ["b"]]}"#, "set is_split_into_words"),
        BadInput(#"{"inputs": "a", "is_split_into_words": true}"#, "inputs has to be a list of words"),
        BadInput(#"{"inputs": ["a", 7], "is_split_into_words": true}"#, "inputs[1] has to be a word"),
        BadInput(#"{"inputs": [["a"], ["b", null]], "is_split_into_words": true}"#, "inputs[1][1] has to be a word"),
        BadInput(#"{"inputs": [], "is_split_into_words": true}"#, "inputs is an empty list"),
        BadInput(#"{"inputs": "a", "stride": 2, "aggregation_strategy": "none"}"#, "parameter stride needs"),
        BadInput(#"{"inputs": "a", "stride": 1000, "aggregation_strategy": "max"}"#, "parameter stride is 1000"),
        BadInput(
            #"{"inputs": "\#(long)", "stride": 17, "aggregation_strategy": "max"}"#, "stride"),
        BadInput(
            #"{"inputs": ["a", "b"], "is_split_into_words": true, "delimiter": "a very long delimiter"}"#,
            "parameter delimiter has 21 bytes"),
        BadInput(#"{"inputs": "a cat", "offset_mapping": [[[0, 1]]]}"#, "parameter offset_mapping has 1 places"),
    ]

    private static let manyLabels = (0..<10_000).map { #""label \#($0)""# }.joined(separator: ",")
    private static let places = String(repeating: "{0}", count: 1000)

    static let zeroShotClassification = [
        BadInput(#"{"inputs": "a cat"}"#, "parameter candidate_labels"),
        BadInput(#"{"inputs": "a cat", "candidate_labels": null}"#, "parameter candidate_labels"),
        BadInput(#"{"inputs": "a cat", "candidate_labels": []}"#, "parameter candidate_labels"),
        BadInput(#"{"inputs": "a cat", "candidate_labels": ""}"#, "parameter candidate_labels"),
        BadInput(#"{"inputs": "a cat", "candidate_labels": " , "}"#, "parameter candidate_labels"),
        BadInput(#"{"inputs": "a cat", "candidate_labels": ["a", 7]}"#, "parameter candidate_labels[1]"),
        BadInput(#"{"inputs": "a cat", "candidate_labels": [["a", "b"]]}"#, "parameter candidate_labels[0]"),
        BadInput(#"{"inputs": "a cat", "candidate_labels": [\#(manyLabels)]}"#, "has 10000 labels, but at most 4096"),
        BadInput(#"{"inputs": "a cat", "candidate_labels": ["\#(long)"]}"#, "candidate_labels"),
        BadInput(
            #"{"inputs": "a cat", "candidate_labels": ["a"], "hypothesis_template": "no place"}"#,
            "parameter hypothesis_template has to have {}"),
        BadInput(
            #"{"inputs": "a cat", "candidate_labels": ["a"], "hypothesis_template": ""}"#,
            "parameter hypothesis_template has to have {}"),
        BadInput(
            #"{"inputs": "a cat", "candidate_labels": ["a"], "hypothesis_template": "{} {}"}"#,
            "parameter hypothesis_template has to have {}"),
        BadInput(
            #"{"inputs": "a", "candidate_labels": ["\#(long)"], "hypothesis_template": "\#(places)"}"#,
            "hypothesis_template and candidate_labels"),
        BadInput(#"{"inputs": "a cat", "candidate_labels": ["a"], "labels": ["b"]}"#, #"unknown parameter "labels""#),
        BadInput(#"{"inputs": "", "candidate_labels": ["a"]}"#, "inputs: the text is empty"),
        BadInput(#"{"inputs": ["a", ""], "candidate_labels": ["a"]}"#, "inputs[1]: the text is empty"),
        BadInput(#"{"inputs": {"text": "a cat"}, "candidate_labels": ["a"]}"#, "inputs has to be a text"),
        BadInput(
            #"{"inputs": "a cat", "candidate_labels": ["a"], "parameters": {"candidate_labels": "b"}}"#,
            #""candidate_labels" is given twice"#),
    ]
}
