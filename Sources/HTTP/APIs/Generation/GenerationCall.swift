import PenstockPipelines
import PenstockServing

/// A request to generate, as all APIs mean it.
struct GenerationCall: Sendable {
    /// The name of the model; nil for the first that generates.
    var model: String?
    /// The prompts and chats, at least one.
    var inputs: [TextGeneration.Input]
    /// The options of the task. Texts are told without their prompts, and cut at their stops.
    var options: TextGeneration.Options
    /// True if the answer is told piece by piece.
    var isStreamed = false

    /// A request of these inputs, of which nothing else is said.
    init(model: String?, _ inputs: [TextGeneration.Input]) {
        (self.model, self.inputs) = (model, inputs)
        options = TextGeneration.Options()
        options.returnFullText = false
        options.cutsAtStops = true
        options.keepsFirstSpace = true
        options.stopsWait = true
        options.generation.numBeams = 1
        options.generation.numReturnSequences = 1
    }

    /// Texts for each prompt.
    var textsPerPrompt: Int {
        get { options.generation.numReturnSequences ?? 1 }
        set { options.generation.numReturnSequences = newValue }
    }

    /// The size of the prompts.
    var texts: TextSize {
        inputs.reduce(into: TextSize()) { sum, input in
            let size = input.textSize
            sum.count += size.count
            sum.bytes += size.bytes
        }
    }

    /// The options, in which a temperature says whether tokens are drawn: 0 is the likeliest token each time, also of
    /// several texts, which then are the same. A chat that is shortened fits in the memory that the model has.
    func settledOptions(on model: ServedModel) -> TextGeneration.Options {
        var options = options
        options.chat.mostTokens = model.longestText
        let drawsSeveral = max(textsPerPrompt, options.bestOf ?? 1) > 1
        switch options.generation.temperature {
        case nil:
            if drawsSeveral { options.generation.doSample = true }
        case 0?:
            options.generation.temperature = 1
            options.generation.doSample = drawsSeveral
            if drawsSeveral { options.generation.topK = 1 }
        case _?: options.generation.doSample = true
        }
        return options
    }
}
