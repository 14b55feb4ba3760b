import PenstockCompute

/// A feature, which the modules of a sentence-transformers checkpoint pass to each other under a name.
enum SentenceFeature {
    /// A row per token, and the memory of the rows where that is not the model's.
    case tokens(Matrix, Workspace?)
    /// One vector for the text.
    case text([Float])

    /// Hidden states, as the Transformer gives them.
    static let tokenEmbeddings = "token_embeddings"
    /// The name of the feature that becomes the embedding of the text.
    static let sentenceEmbedding = "sentence_embedding"

    /// The names of what upstream's modules pass to each other beside their vectors.
    static let reservedNames: Set = [
        "all_layer_embeddings", "attention_mask", "cls_token_embeddings", "cu_seq_lens_q", "input_ids", "modality",
        "prompt_length", "seq_idx", "token_type_ids", "token_weights_sum",
    ]

    /// The shape of a feature, known before there is one.
    enum Shape: Equatable, CustomStringConvertible {
        /// `[tokens, width]`
        case tokens(width: Int)
        /// `[width]`
        case text(width: Int)

        /// The numbers of a vector.
        var width: Int {
            switch self {
            case .tokens(let width), .text(let width): width
            }
        }

        /// The name under which the first module of a checkpoint gives it.
        var name: String {
            switch self {
            case .tokens: SentenceFeature.tokenEmbeddings
            case .text: SentenceFeature.sentenceEmbedding
            }
        }

        /// The same, of another width.
        func with(width: Int) -> Shape {
            switch self {
            case .tokens: .tokens(width: width)
            case .text: .text(width: width)
            }
        }

        var description: String {
            switch self {
            case .tokens(let width): "a vector of \(width) for each token"
            case .text(let width): "a vector of \(width)"
            }
        }
    }

    /// The name under which the first module of a checkpoint gives it.
    var name: String {
        switch self {
        case .tokens: Self.tokenEmbeddings
        case .text: Self.sentenceEmbedding
        }
    }

    /// The feature of rows of `width` numbers that `body` makes of the rows of this one.
    ///
    /// - Throws: ``PipelineError`` if there is no memory for it.
    func mapRows(
        width: Int, _ body: (_ input: Matrix, _ output: Matrix) -> Void
    ) throws(PipelineError) -> SentenceFeature {
        do {
            switch self {
            case .tokens(let input, let memory):
                let workspace = try Workspace { _ = $0.matrix(rows: input.rows, columns: width) }
                let output = workspace.matrix(rows: input.rows, columns: width)
                withExtendedLifetime(memory) { body(input, output) }
                return .tokens(output, workspace)
            case .text(let vector):
                func matrices(_ workspace: Workspace) -> (input: Matrix, output: Matrix) {
                    (workspace.matrix(rows: 1, columns: vector.count), workspace.matrix(rows: 1, columns: width))
                }
                let workspace = try Workspace { _ = matrices($0) }
                let (input, output) = matrices(workspace)
                _ = input.row(0).update(fromContentsOf: vector)
                body(input, output)
                return withExtendedLifetime(workspace) { .text(Array(output.row(0))) }
            }
        } catch {
            throw PipelineError(.answerTooLarge, "a module behind the Transformer has no memory left: \(error)")
        }
    }
}
