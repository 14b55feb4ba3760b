import PenstockHub
import Testing

/// What is chosen of repositories as they are on the Hub.
@Suite struct SelectionTests {
    private static func paths(_ names: String) -> [RepositoryPath] {
        names.split(whereSeparator: \.isWhitespace).compactMap { RepositoryPath(String($0)) }
    }

    private static func selection(
        _ names: String, for purpose: FileSelection.Purpose = .model, gguf: String? = nil
    ) throws -> FileSelection { try FileSelection(of: paths(names), for: purpose, gguf: gguf) }

    private static let bert = """
        .gitattributes LICENSE README.md config.json coreml/fill-mask/float32_model.mlpackage/Manifest.json
        coreml/fill-mask/float32_model.mlpackage/Data/com.apple.CoreML/weights/weight.bin flax_model.msgpack model.onnx
        model.safetensors pytorch_model.bin rust_model.ot tf_model.h5 tokenizer.json tokenizer_config.json vocab.txt
        """
    private static let miniLM = """
        .gitattributes 1_Pooling/config.json README.md config.json config_sentence_transformers.json data_config.json
        model.safetensors modules.json onnx/model.onnx onnx/model_O1.onnx onnx/model_qint8_avx512.onnx
        openvino/openvino_model.bin openvino/openvino_model.xml pytorch_model.bin rust_model.ot sentence_bert_config.json
        special_tokens_map.json tf_model.h5 tokenizer.json tokenizer_config.json train_script.py vocab.txt
        """
    private static let distiluse = """
        .gitattributes 1_Pooling/config.json 2_Dense/config.json 2_Dense/model.safetensors 2_Dense/pytorch_model.bin
        README.md config.json config_sentence_transformers.json model.safetensors modules.json pytorch_model.bin
        sentence_bert_config.json special_tokens_map.json tf_model.h5 tokenizer.json tokenizer_config.json vocab.txt
        """
    private static let mistral = """
        .gitattributes README.md config.json consolidated.safetensors generation_config.json
        model-00001-of-00003.safetensors model-00002-of-00003.safetensors model-00003-of-00003.safetensors
        model.safetensors.index.json params.json special_tokens_map.json tokenizer.json tokenizer.model
        tokenizer.model.v3 tokenizer_config.json
        """
    private static let gguf = """
        .gitattributes LICENSE README.md qwen2.5-0.5b-instruct-fp16.gguf qwen2.5-0.5b-instruct-q2_k.gguf
        qwen2.5-0.5b-instruct-q3_k_m.gguf qwen2.5-0.5b-instruct-q4_0.gguf qwen2.5-0.5b-instruct-q4_k_m.gguf
        qwen2.5-0.5b-instruct-q5_0.gguf qwen2.5-0.5b-instruct-q5_k_m.gguf qwen2.5-0.5b-instruct-q6_k.gguf
        qwen2.5-0.5b-instruct-q8_0.gguf
        """
    private static let brokenGGUF = "a-Q4_K_M-00001-of-00003.gguf a-Q4_K_M-00003-of-00003.gguf a-Q8_0.gguf"
    private static let splitGGUF = """
        README.md mmproj-F16.gguf imatrix_unsloth.gguf Q8_0/M-Q8_0-00001-of-00002.gguf Q8_0/M-Q8_0-00002-of-00002.gguf
        M-UD-Q4_K_XL.gguf BF16/M-BF16-00001-of-00002.gguf BF16/M-BF16-00002-of-00002.gguf
        """

    @Test(
        arguments: [
            (bert, "config.json tokenizer.json tokenizer_config.json vocab.txt", "model.safetensors", ""),
            (
                miniLM,
                """
                1_Pooling/config.json config.json config_sentence_transformers.json modules.json sentence_bert_config.json
                special_tokens_map.json tokenizer.json tokenizer_config.json vocab.txt
                """, "model.safetensors", ""
            ),
            (
                distiluse,
                """
                1_Pooling/config.json 2_Dense/config.json config.json config_sentence_transformers.json modules.json
                sentence_bert_config.json special_tokens_map.json tokenizer.json tokenizer_config.json vocab.txt
                """, "model.safetensors", "2_Dense/model.safetensors"
            ),
            // Weights of old sentence-transformers lie in the folder of their module.
            (
                "modules.json 0_Transformer/config.json 0_Transformer/pytorch_model.bin 0_Transformer/vocab.txt 1_Pooling/config.json",
                "0_Transformer/config.json 0_Transformer/vocab.txt 1_Pooling/config.json modules.json", nil,
                "0_Transformer/pytorch_model.bin"
            ),
            (
                "config.json pytorch_model.bin vocab.json merges.txt", "config.json merges.txt vocab.json",
                "pytorch_model.bin", ""
            ),
            (
                "config.json pytorch_model.bin source.spm target.spm vocab.json generation_config.json tf_model.h5",
                "config.json generation_config.json source.spm target.spm vocab.json", "pytorch_model.bin", ""
            ),
        ] as [(String, String, String?, String)])
    func ofRepositories(names: String, files: String, weights: String?, moduleWeights: String) throws {
        let selection = try Self.selection(names)
        #expect(selection.files == Self.paths(files))
        #expect(selection.weights == weights.map { .files(Self.paths($0)) } ?? .none)
        #expect(selection.moduleWeights == Self.paths(moduleWeights))
    }

    @Test func shards() throws {
        let selection = try Self.selection(Self.mistral)
        let index = try #require(RepositoryPath("model.safetensors.index.json"))
        #expect(selection.weights == .sharded(index: index))
        #expect(selection.files.contains(index))
        #expect(!selection.files.map(\.description).contains("consolidated.safetensors"))
        let text =
            #"{"metadata":{},"weight_map":{"a":"model-2.safetensors","b":"model-1.safetensors","c":"model-2.safetensors"}}"#
        #expect(
            try ShardIndex.shards(Array(text.utf8), of: index).map(\.description)
                == ["model-1.safetensors", "model-2.safetensors"])
        for text in [
            "", "[]", "{}", #"{"weight_map":{}}"#, #"{"weight_map":{"a":1}}"#, #"{"weight_map":{"a":"../../x"}}"#,
            #"{"weight_map":{"a":"/etc/passwd"}}"#,
        ] {
            #expect(throws: HubError.self) { try ShardIndex.shards(Array(text.utf8), of: index) }
        }
    }

    @Test func tokenizers() throws {
        let selection = try Self.selection(Self.bert, for: .tokenizer)
        #expect(selection.weights == .none)
        #expect(selection.files == Self.paths("config.json tokenizer.json tokenizer_config.json vocab.txt"))
        let error = #expect(throws: HubError.self) {
            try Self.selection("config.json model.safetensors", for: .tokenizer)
        }
        #expect(error?.code == .noModel)
    }

    /// A GGUF file has a tokenizer in it; of one in parts, the first.
    @Test(
        arguments: [
            (gguf, nil, "qwen2.5-0.5b-instruct-q4_k_m.gguf"), (gguf, "Q8_0", "qwen2.5-0.5b-instruct-q8_0.gguf"),
            (splitGGUF, nil, "Q8_0/M-Q8_0-00001-of-00002.gguf"), ("tokenizer.json a-Q8_0.gguf", nil, nil),
            ("tokenizer.json a-Q8_0.gguf", "Q8_0", "a-Q8_0.gguf"),
        ] as [(String, String?, String?)])
    func tokenizersInGGUFs(names: String, wish: String?, file: String?) throws {
        let selection = try Self.selection(names, for: .tokenizer, gguf: wish)
        #expect(selection.weights == (file.map { .files(Self.paths($0)) } ?? .none))
        let error = #expect(throws: HubError.self) {
            try Self.selection("tokenizer.json model.safetensors", for: .tokenizer, gguf: "Q8_0")
        }
        #expect(error?.message.contains("--gguf") == true)
    }

    @Test(
        arguments: [
            (gguf, nil, "qwen2.5-0.5b-instruct-q4_k_m.gguf"), (gguf, "Q8_0", "qwen2.5-0.5b-instruct-q8_0.gguf"),
            (gguf, "q5_k_m", "qwen2.5-0.5b-instruct-q5_k_m.gguf"),
            (gguf, "qwen2.5-0.5b-instruct-q2_k.gguf", "qwen2.5-0.5b-instruct-q2_k.gguf"),
            (gguf, "F16", nil), (gguf, "FP16", "qwen2.5-0.5b-instruct-fp16.gguf"),
            (splitGGUF, nil, "Q8_0/M-Q8_0-00001-of-00002.gguf Q8_0/M-Q8_0-00002-of-00002.gguf"),
            (splitGGUF, "BF16", "BF16/M-BF16-00001-of-00002.gguf BF16/M-BF16-00002-of-00002.gguf"),
            (splitGGUF, "Q4_K_XL", "M-UD-Q4_K_XL.gguf"), (splitGGUF, "UD-Q4_K_XL", "M-UD-Q4_K_XL.gguf"),
            ("README.md model.gguf", nil, "model.gguf"), (bert, "Q4_K_M", nil),
            // Of a model in parts, all or none.
            (brokenGGUF, nil, nil), (brokenGGUF, "Q4_K_M", nil), (brokenGGUF, "Q8_0", "a-Q8_0.gguf"),
        ] as [(String, String?, String?)])
    func ggufs(names: String, wish: String?, files: String?) throws {
        guard let files else {
            let error = #expect(throws: HubError.self) { try Self.selection(names, gguf: wish) }
            #expect(error?.code == .noModel)
            return
        }
        #expect(try Self.selection(names, gguf: wish).weights == .files(Self.paths(files)))
    }

    /// An adapter is downloaded alone; its config tells where the model is.
    @Test(arguments: ["adapter_model.safetensors", "adapter_model.bin"])
    func adapters(name: String) throws {
        for others in ["", " model.safetensors", " adapter_model.bin"] {
            let selection = try Self.selection("README.md adapter_config.json \(name)\(others)")
            #expect(
                selection.files == Self.paths("adapter_config.json") && selection.weights == .files(Self.paths(name)))
        }
    }

    /// Whoever asks for a model that has no weights is told what there is.
    @Test(
        arguments: [
            ("", "neither"), ("README.md config.json onnx/model.onnx", "ONNX"),
            ("config.json tf_model.h5", "TensorFlow"),
            ("adapter_model.safetensors", "LoRA"),
            ("model_index.json unet/x.safetensors", "diffusers"),
        ])
    func withoutWeights(names: String, mention: String) {
        let error = #expect(throws: HubError.self) { try Self.selection(names) }
        #expect(error?.code == .noModel)
        #expect(error?.message.contains(mention) == true)
    }

    @Test func listings() throws {
        let sha = String(repeating: "1", count: 40)
        let text = """
            {"sha":"\(sha)","siblings":[{"rfilename":"a/b","size":3},{"rfilename":"c","size":1,"lfs":{"size":7,"sha256":"x"}},
            {"rfilename":"d"},{"rfilename":"e","size":-1}],"other":1}
            """
        let listing = try RepositoryListing(Array(text.utf8), atMost: 4)
        #expect(listing.commit.description == sha)
        #expect(listing.names.map(\.description) == ["a/b", "c", "d", "e"])
        #expect(listing.names.map { listing.sizes[$0] } == [3, 7, nil, nil])
        #expect(throws: HubError.self) { try RepositoryListing(Array(text.utf8), atMost: 3) }
        for text in [
            "", "<html>", "{}", #"{"sha":"x","siblings":[]}"#, #"{"sha":"\#(sha)"}"#,
            #"{"sha":"\#(sha)","siblings":[{}]}"#, #"{"sha":"\#(sha)","siblings":[{"rfilename":"../x"}]}"#,
            #"{"sha":"\#(sha)","siblings":[{"rfilename":"/x"}]}"#,
            #"{"sha":"\#(sha)","siblings":[{"rfilename":"a\\b"}]}"#,
            #"{"sha":"\#(sha)","siblings":[{"rfilename":"a\u0000"}]}"#, #"{"sha":"\#(sha)","siblings":7}"#,
        ] {
            let error = #expect(throws: HubError.self) { try RepositoryListing(Array(text.utf8), atMost: 9) }
            #expect(error?.code == .malformedAnswer)
        }
    }
}
