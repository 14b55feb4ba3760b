/// A step of a decoder to measure.
enum GenerationCase: Equatable {
    /// A prompt of so many tokens, of which the last is read.
    case prompt(tokens: Int)
    /// The next token of each of some sequences that have a length already.
    case decode(sequences: Int, depth: Int)

    static let all: [GenerationCase] =
        [.prompt(tokens: 512)] + [1, 4, 16, 32].map { .decode(sequences: $0, depth: 0) }
        + [2048, 8192].map { .decode(sequences: 1, depth: $0) }

    /// "prompt512", or sequences at a depth, such as "16@0".
    var name: String {
        switch self {
        case .prompt(let tokens): "prompt\(tokens)"
        case .decode(let sequences, let depth): "\(sequences)@\(depth)"
        }
    }

    /// Steps that are one run of a decode: so many that what a run begins with does not count.
    static let steps = 32

    /// The tokens of its longest sequence.
    var longest: Int {
        switch self {
        case .prompt(let tokens): tokens
        case .decode(_, let depth): depth + Self.steps
        }
    }

    /// The case of a name.
    init?(named name: String) {
        if name.hasPrefix("prompt"), let tokens = Int(name.dropFirst("prompt".count)), (1...Self.mostTokens) ~= tokens {
            self = .prompt(tokens: tokens)
            return
        }
        let numbers = name.split(separator: "@", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let sequences = numbers[0], let depth = numbers[1],
            (1...Self.mostSequences).contains(sequences), (0...Self.mostTokens).contains(depth)
        else { return nil }
        self = .decode(sequences: sequences, depth: depth)
    }

    private static let mostSequences = 256
    private static let mostTokens = 1 << 17
}
