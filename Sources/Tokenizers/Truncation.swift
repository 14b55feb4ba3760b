/// A rule by which an encoding that is too long is cut.
public struct Truncation: Sendable, Equatable {
    /// A rule for the text of a pair that gives up tokens.
    public enum Strategy: String, Sendable {
        /// The longer one, until both are equally long, then both in turn.
        case longestFirst = "LongestFirst"
        /// The first one only.
        case onlyFirst = "OnlyFirst"
        /// The second one only.
        case onlySecond = "OnlySecond"
    }

    /// The end at which tokens are cut off.
    public enum Direction: String, Sendable {
        /// The beginning of the text is kept.
        case right = "Right"
        /// The end of the text is kept.
        case left = "Left"

        /// The direction by the name that it has in Python: "left" or "right".
        package static func side(_ name: String) -> Direction? {
            switch name {
            case "left": .left
            case "right": .right
            default: nil
            }
        }
    }

    /// Most tokens that an encoding may have, special tokens included.
    public var maxLength: Int
    /// The rule for the text of a pair that is cut.
    public var strategy: Strategy
    /// The number of tokens that an overflowing piece repeats of the one before it.
    public var stride: Int
    /// The end that is cut off.
    public var direction: Direction
    /// True if the tokens that were cut off come back in ``Encoding/overflowing``.
    public var returnOverflowingTokens: Bool

    /// A truncation to `maxLength` tokens.
    public init(
        maxLength: Int, strategy: Strategy = .longestFirst, stride: Int = 0, direction: Direction = .right,
        returnOverflowingTokens: Bool = false
    ) {
        self.maxLength = maxLength
        self.strategy = strategy
        self.stride = stride
        self.direction = direction
        self.returnOverflowingTokens = returnOverflowingTokens
    }

    /// Reads the `truncation` entry of a tokenizer.json.
    init(_ field: Field) throws(TokenizerError) {
        self.init(
            maxLength: try field["max_length"].integer(in: 0...Int.max),
            strategy: try field["strategy"].choice(of: [.longestFirst, .onlyFirst, .onlySecond]),
            stride: try field["stride"].integer(in: 0...Int.max),
            direction: try field["direction"].optional { (field) throws(TokenizerError) in
                try field.choice(of: [.right, .left])
            } ?? .right)
    }
}
