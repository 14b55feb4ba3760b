extension BadInputTable {
    private static let manyTokens = (0..<1300).map { "t\($0 % 60)" }.joined(separator: " ")

    static let textGeneration = [
        BadInput(#"{"inputs": "\#(manyTokens)"}"#, "inputs: the prompt has 1300 tokens"),
        BadInput(#"{"inputs": ["t3", "\#(manyTokens)"]}"#, "inputs[1]: the prompt has 1300 tokens"),
        BadInput(#"{"inputs": ""}"#, "inputs: the prompt has no tokens"),
        BadInput(#"{"inputs": "t3 t4", "max_length": 2}"#, "inputs: the prompt has 2 tokens, so that max_length"),
        BadInput(#"{"inputs": [{"role": "user", "content": "t3"}]}"#, "inputs: the model has no chat template"),
        BadInput(#"{"inputs": [[{"role": "user", "content": "t3"}]]}"#, "inputs[0]: the model has no chat template"),
        BadInput(#"{"inputs": [{"role": "user"}]}"#, "inputs[0] has to be a message"),
        BadInput(#"{"inputs": [[{"role": "user", "content": "t3"}, 1]]}"#, "inputs[0][1] has to be a message"),
        BadInput(#"{"inputs": [["t3"]]}"#, "inputs[0] has to be a text or a chat"),
        BadInput(#"{"inputs": "t3", "documents": []}"#, "parameter documents: it is for chats"),
        BadInput(#"{"inputs": "t3", "chat_template_kwargs": {"tools": []}}"#, "parameter chat_template_kwargs.tools"),
        BadInput(#"{"inputs": "t3", "num_beams": 65}"#, "parameter num_beams"),
        BadInput(#"{"inputs": "t3", "do_sample": true, "temperature": 0}"#, "parameter temperature has to be above 0"),
        BadInput(
            #"{"inputs": "t3", "do_sample": true, "temperature": 1e-40}"#,
            "parameter temperature has to be at least 1e-30"),
        BadInput(#"{"inputs": "t3", "top_p": 1.5}"#, "parameter top_p has to be"),
        BadInput(#"{"inputs": "t3", "do_sample": false, "num_return_sequences": 3}"#, "parameter num_return_sequences"),
        BadInput(#"{"inputs": "t3", "num_return_sequences": 1000}"#, "parameter num_return_sequences"),
        BadInput(
            #"{"inputs": "t3", "stream": true, "do_sample": true, "num_return_sequences": 2}"#, "a stream has one"),
        BadInput(#"{"inputs": ["t3", "t4"], "stream": true}"#, "inputs has to be a text or a chat"),
        BadInput(#"{"inputs": "t3", "stream": 1}"#, "stream"),
        BadInput(#"{"inputs": "t3", "stop": ""}"#, "parameter stop has to be"),
        BadInput(#"{"inputs": "t3", "logit_bias": {"67": 1}}"#, "parameter logit_bias names the token 67"),
        BadInput(#"{"inputs": "t3", "bad_words_ids": [[-1]]}"#, "parameter bad_words_ids names the token -1"),
        BadInput(
            #"{"inputs": "t3", "suppress_tokens": [5], "forced_eos_token_id": 5}"#,
            "parameter forced_eos_token_id forces tokens that suppress_tokens forbids"),
        BadInput(#"{"inputs": "t3", "grammar": {"type": "xml"}}"#, "parameter grammar has to be"),
        BadInput(
            #"{"inputs": "t3", "grammar": {"type": "regex", "value": "t("}}"#,
            "parameter grammar: the regular expression"),
        BadInput(
            #"{"inputs": "t3", "grammar": {"type": "json", "value": {"items": {"$dynamicRef": "a"}}}}"#,
            "parameter grammar: #/items/$dynamicRef: the keyword $dynamicRef is not supported"),
        BadInput(
            #"{"inputs": "t3", "grammar": {"type": "json", "value": false}}"#, "parameter grammar: no text fits it"),
        BadInput(
            #"{"inputs": "t3", "num_beams": 2, "grammar": {"type": "json_object"}}"#,
            "parameter grammar: a beam search does not follow one"),
        BadInput(
            #"{"inputs": "t3", "best_of": 2, "do_sample": false}"#, "parameter best_of is 2, but without do_sample"),
        BadInput(#"{"inputs": "t3", "best_of": 0}"#, "parameter best_of has to be"),
        BadInput(#"{"inputs": "t3", "best_of": 129}"#, "parameter best_of has to be"),
        BadInput(
            #"{"inputs": "t3", "best_of": 2, "do_sample": true, "num_return_sequences": 3}"#,
            "parameter best_of is 2, but num_return_sequences is 3"),
        BadInput(
            #"{"inputs": "t3", "best_of": 2, "num_beams": 3}"#, "parameter best_of is 2, but a beam search"),
        BadInput(#"{"inputs": "t3", "max_tokens": 2}"#, #"unknown parameter "max_tokens""#),
    ]
}
