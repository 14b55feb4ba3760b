import PenstockCompute
import PenstockJSON
import PenstockPipelines
import PenstockServing

extension JSONWriter {
    /// Texts that clients are told to send at a time at most; more are answered, too.
    private static let clientBatch = 2048

    /// Writes the fields of what Text Embeddings Inference says of its model, but for the version.
    mutating func textEmbeddingsInfo(of model: ServedModel) {
        key("model_id")
        value(model.name)
        key("model_sha")
        null()
        key("model_dtype")
        value(model.loaded.dtype.rawValue)
        key("served_model_name")
        value(model.name)
        key("model_type")
        object { $0.textEmbeddingsType(of: model) }
        key("max_concurrent_requests")
        value(model.configuration.maxQueueTokens)
        key("max_input_length")
        value(model.loaded.maxInputTokens)
        key("max_batch_tokens")
        value(model.batchBudget)
        key("max_batch_requests")
        null()
        key("max_client_batch_size")
        value(Self.clientBatch)
        key("auto_truncate")
        value(true)
        key("tokenization_workers")
        value(max(2, AvailableProcessors.count))
        key("sha")
        null()
        key("docker_label")
        null()
    }

    /// Writes the one field that tells what the model is; none for a model that is nothing of what that server knows.
    private mutating func textEmbeddingsType(of model: ServedModel) {
        if let embeddings = model.task(SentenceSimilarity.self) {
            pooling(embeddings.pooling)
        } else if model.task(SparseEmbeddings.self) != nil {
            pooling("splade")
        } else if let classification = model.task(TextClassification.self) {
            key(model.task(TextRanking.self) == nil ? "classifier" : "reranker")
            object { $0.labels(classification.labelNames) }
        }
    }

    private mutating func pooling(_ name: String) {
        key("embedding")
        object { writer in
            writer.key("pooling")
            writer.value(name)
        }
    }

    private mutating func labels(_ names: [String]) {
        key("id2label")
        object { writer in
            for (id, name) in names.enumerated() {
                writer.key(String(id))
                writer.value(name)
            }
        }
        key("label2id")
        object { writer in
            for (id, name) in names.enumerated() {
                writer.key(name)
                writer.value(id)
            }
        }
    }
}
