extension BadInputTable {
    static let featureExtraction = [
        BadInput(#"{"inputs": "\#(long)"}"#, "inputs: the text has"),
        BadInput(#"{"inputs": ["a", "\#(long)"]}"#, "inputs[1]: the text has"),
        BadInput(#"{"inputs": "\#(long)", "tokenize_kwargs": {"max_length": 1000}}"#, "lower max_length"),
        BadInput(#"{"inputs": "a", "tokenize_kwargs": {"padding": true}}"#, #"tokenize_kwargs."padding""#),
        BadInput(
            #"{"inputs": "", "tokenize_kwargs": {"add_special_tokens": false}}"#, "inputs: the text has no tokens"),
        BadInput(
            #"{"inputs": "a", "truncation": true, "tokenize_kwargs": {"truncation": false}}"#,
            "truncation is given twice"),
    ]

    /// Requests for embeddings of any kind.
    static let ofSentences = [
        BadInput(#"{"inputs": {"source_sentence": "a"}}"#, "inputs has no sentences"),
        BadInput(#"{"inputs": {"sentences": ["a"]}}"#, "inputs has no source_sentence"),
        BadInput(#"{"inputs": {"source_sentence": "a", "sentences": []}}"#, "inputs.sentences is an empty list"),
        BadInput(#"{"inputs": {"source_sentence": "a", "sentences": "b"}}"#, "inputs.sentences has to be a list"),
        BadInput(#"{"inputs": {"source_sentence": "a", "sentences": ["b", null]}}"#, "inputs.sentences[1] has to be"),
        BadInput(#"{"inputs": {"source_sentence": "a", "sentences": [["b"]]}}"#, "inputs.sentences[0] has to be"),
        BadInput(#"{"inputs": {"source_sentence": null, "sentences": ["b"]}}"#, "inputs.source_sentence has to be"),
        BadInput(
            #"{"inputs": {"source_sentence": "a", "sentences": ["b"], "texts": []}}"#, #"unknown key "texts""#),
        BadInput(#"{"inputs": "\#(long)", "truncate": false}"#, "inputs: the text has"),
        BadInput(#"{"inputs": "\#(long)", "truncate": false}"#, "shorten it or ask for truncation"),
        BadInput(#"{"inputs": ["a", "\#(long)"], "truncate": false}"#, "inputs[1]: the text has"),
        BadInput(
            #"{"inputs": {"source_sentence": "\#(long)", "sentences": ["b"]}, "truncate": false}"#,
            "inputs.source_sentence: the text has"),
        BadInput(
            #"{"inputs": {"source_sentence": "a", "sentences": ["b", "\#(long)"]}, "truncate": false}"#,
            "inputs.sentences[1]: the text has"),
        BadInput(#"{"inputs": "a", "truncate": true, "truncation": false}"#, "truncate and truncation are the same"),
        BadInput(#"{"inputs": "a", "prompt_name": "nonsense"}"#, "parameter prompt_name: there is no prompt"),
        BadInput(#"{"inputs": "a", "prompt": "\#(String(repeating: "b", count: 9000))"}"#, "parameter prompt has 9000"),
        BadInput(
            #"{"inputs": {"source_sentence": "a", "sentences": ["b"]}, "similarity_fn_name": "nonsense"}"#,
            "parameter similarity_fn_name has to be"),
    ]

    static let sentenceSimilarity = [
        BadInput(#"{"inputs": "a", "truncate_dim": 100000}"#, "parameter truncate_dim (dimensions) is 100000"),
        BadInput(#"{"inputs": "a", "truncate_dim": 3, "dimensions": 4}"#, "truncate_dim and dimensions are the same"),
        BadInput(
            #"{"inputs": "a", "normalize": true, "normalize_embeddings": false}"#,
            "normalize and normalize_embeddings are the same"),
        BadInput(#"{"inputs": "a", "precision": "int8"}"#, "parameter precision: int8 needs the parameter ranges"),
        BadInput(#"{"inputs": "a", "ranges": [0, 1]}"#, "parameter ranges is for the precisions int8 and uint8"),
        BadInput(#"{"inputs": "a", "precision": "uint8", "ranges": [[0, 0], [1, 1]]}"#, "for 2 dimensions"),
        BadInput(
            #"{"inputs": {"source_sentence": "a", "sentences": ["b"]}, "encoding_format": "base64"}"#,
            "parameters precision, ranges and encoding_format are for embeddings"),
    ]

    static let sparseEmbeddings = [
        BadInput(#"{"inputs": "a", "similarity_fn_name": "maxsim"}"#, "parameter similarity_fn_name has to be"),
        BadInput(#"{"inputs": "a", "normalize": true}"#, #"unknown parameter "normalize""#),
    ]

    static let multiVectorEmbeddings = [
        BadInput(#"{"inputs": "a", "task": "title"}"#, "parameter task has to be"),
        BadInput(#"{"inputs": "a", "similarity_fn_name": "cosine"}"#, "parameter similarity_fn_name has to be"),
        BadInput(
            #"{"inputs": "a", "normalize": true, "normalize_embeddings": false}"#,
            "normalize and normalize_embeddings are the same"),
        BadInput(#"{"inputs": "a", "precision": "int8"}"#, "parameter precision: int8 needs the parameter ranges"),
        BadInput(
            #"{"inputs": {"source_sentence": "a", "sentences": ["b"]}, "task": "query"}"#,
            "parameters task, precision, ranges and encoding_format are for embeddings"),
        BadInput(
            #"{"inputs": {"source_sentence": "a", "sentences": ["b"]}, "precision": "binary"}"#,
            "parameters task, precision, ranges and encoding_format are for embeddings"),
    ]
}
