import PenstockJSON

/// An option that is a number within bounds, whether a client sends it or a program sets it.
struct BoundedOption: Sendable {
    /// The form in which it is read.
    let option: TaskOption<GenerationOptions>
    /// Checks a value that a program has set.
    let check: @Sendable (GenerationOptions) throws(PipelineError) -> Void

    static func integer(
        _ name: String, _ path: WritableKeyPath<GenerationOptions, Int?> & Sendable, _ range: ClosedRange<Int>,
        _ summary: String
    ) -> BoundedOption {
        let option = TaskOption<GenerationOptions>.integer(
            name, atLeast: range.lowerBound, atMost: range.upperBound, fallback: nil, summary
        ) { $0[keyPath: path] = $1 }
        return BoundedOption(option: option) { (options) throws(PipelineError) in
            guard let value = options[keyPath: path], !range.contains(value) else { return }
            throw option.description.mismatch(.integer(value), path: "")
        }
    }

    static func number(
        _ name: String, _ path: WritableKeyPath<GenerationOptions, Double?> & Sendable, _ range: NumberRange,
        _ summary: String
    ) -> BoundedOption {
        let option = TaskOption<GenerationOptions>.number(name, path, range, summary)
        return BoundedOption(option: option) { (options) throws(PipelineError) in
            guard let value = options[keyPath: path], !range.contains(value) else { return }
            throw PipelineError(
                .invalidParameter, "parameter \(name) has to be \(option.description.kind.expected), not \(value)")
        }
    }
}
