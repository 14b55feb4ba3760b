import PenstockCompute

/// The modules that make an embedding out of what the first makes of a text, one after the other: of the hidden states of
/// its tokens, or of a vector for it.
///
/// They read and write features by name. Whether each finds what it can take is known when they are put together.
struct SentenceChain: Sendable {
    /// The shape of what the first module makes.
    let input: SentenceFeature.Shape
    private var modules: [any SentenceModule] = []
    /// The features that there are behind the modules so far.
    private var shapes: [String: SentenceFeature.Shape]

    /// A chain without modules behind one that makes a feature of this shape.
    init(behind input: SentenceFeature.Shape) { (self.input, shapes) = (input, [input.name: input]) }

    /// The shape of the feature that becomes the embedding, so far.
    var sentenceShape: SentenceFeature.Shape? { shapes[SentenceFeature.sentenceEmbedding] }

    /// The length of an embedding before it is cut; nil if the modules make none.
    var width: Int? {
        guard case .text(let width) = sentenceShape else { return nil }
        return width
    }

    /// The length of the vector of a token; nil if there is none.
    var tokenWidth: Int? {
        guard case .tokens(let width) = shapes[SentenceFeature.tokenEmbeddings] else { return nil }
        return width
    }

    /// The modes in which the hidden states of a text are pooled; nil if nothing says so.
    var poolingModes: [Pooling.Mode]? { modules.lazy.compactMap { ($0 as? Pooling)?.modes }.first }

    /// Adds a module at the end.
    ///
    /// - Returns: nil, or what is wrong if the module cannot stand there: a sentence without its subject.
    mutating func append(_ module: any SentenceModule) -> String? {
        guard !SentenceFeature.reservedNames.contains(module.outputName) else {
            return "writes \(module.outputName), which is not supported; let module_output_name be another"
        }
        guard let input = shapes[module.inputName] else {
            return module.isOptional ? nil : "reads \(module.inputName), which no module before it makes"
        }
        guard let output = module.shape(of: input) else {
            return "takes \(module.takes), but \(module.inputName) is \(input)"
        }
        shapes[module.outputName] = output
        modules.append(module)
        return nil
    }

    /// The embedding of a text.
    ///
    /// - Parameter input: what the first module makes of it, of the shape that the chain is for
    /// - Throws: ``PipelineError`` for an embedding that is no finite vector, and if there is no memory.
    func embedding(
        of input: SentenceFeature, _ text: SentenceText, on cpu: CPU
    ) throws(PipelineError) -> [Float] {
        let features = try features(of: input, text, on: cpu)
        guard case .text(var vector) = features[SentenceFeature.sentenceEmbedding] else {
            preconditionFailure("there is no width")
        }
        if let dimensions = text.dimensions, dimensions < vector.count { vector.removeSubrange(dimensions...) }
        if text.normalizes == true { vector = Embeddings.normalized(vector) }
        guard vector.allSatisfy(\.isFinite) else {
            throw PipelineError(.nonFiniteOutput, "the model computed an embedding that is no finite vector")
        }
        return vector
    }

    /// Lends the vectors of the tokens of a text, `[tokens, tokenWidth]`.
    ///
    /// - Throws: ``PipelineError`` for vectors that are not finite, and if there is no memory.
    func withTokens<Result>(
        of input: SentenceFeature, _ text: SentenceText, on cpu: CPU, _ body: (Matrix) -> Result
    ) throws(PipelineError) -> Result {
        guard
            case .tokens(let rows, let memory) = try features(of: input, text, on: cpu)[SentenceFeature.tokenEmbeddings]
        else { preconditionFailure("there is no width") }
        return try withExtendedLifetime(memory) { () throws(PipelineError) in
            try rows.requireFinite()
            return body(rows)
        }
    }

    /// Returns the features that there are behind all modules.
    private func features(
        of input: SentenceFeature, _ text: SentenceText, on cpu: CPU
    ) throws(PipelineError) -> [String: SentenceFeature] {
        var text = text
        var features = [input.name: input]
        for module in modules {
            guard let feature = features[module.inputName] else { preconditionFailure("checked by append") }
            features[module.outputName] = try module.apply(to: feature, of: &text, on: cpu)
        }
        return features
    }
}
