import PenstockJSON

extension TaskOption {
    /// The ranges of the dimensions of embeddings: `[least, greatest]`, two numbers or two lists of numbers.
    static func ranges(
        _ name: String, _ path: WritableKeyPath<Options, EmbeddingRanges?> & Sendable, _ summary: String
    ) -> TaskOption {
        let form = OptionDescription.Kind.form(
            name: "array of two numbers or of two arrays of numbers",
            expected: "[least, greatest], two finite numbers or two lists with a number for each dimension")
        let description = OptionDescription(name, form, fallback: nil, summary)
        return TaskOption(description) { (value, prefix, options) throws(PipelineError) in
            guard let bounds = value.array, bounds.count == 2, let least = bounds[0].floats,
                let greatest = bounds[1].floats, let ranges = EmbeddingRanges(least: least, greatest: greatest)
            else { throw description.mismatch(value, path: prefix) }
            options[keyPath: path] = ranges
        }
    }
}

extension JSONValue {
    /// A number or a list of numbers, in single precision.
    fileprivate var floats: [Float]? {
        if let double { return [Float(double)] }
        guard let array else { return nil }
        var floats: [Float] = []
        for element in array {
            guard let double = element.double else { return nil }
            floats.append(Float(double))
        }
        return floats
    }
}
