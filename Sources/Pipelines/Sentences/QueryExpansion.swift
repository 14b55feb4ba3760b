import PenstockCheckpoints
import PenstockJSON

/// Tokens that fill queries up to a length and count like theirs (`query_expansion` of a Transformer module).
struct QueryExpansion: Sendable {
    /// Tokens of a query with what fills it up.
    let length: Int
    /// True if longer queries are cut to the length.
    let isFixed: Bool
    /// The token that fills them up; nil for the mask token, or else the one that ends sequences.
    let token: String?

    init(_ config: ConfigFile) throws(CheckpointError) {
        try config.requireKeys(["attend", "length", "strategy", "token"])
        try config.refuseNull(["attend", "length", "strategy"])
        switch try config.string("strategy") {
        case "fixed": isFixed = true
        case "min": isFixed = false
        default: throw config.invalid("strategy", config["strategy"] ?? .null, "\"fixed\" or \"min\"")
        }
        guard try config.flag("attend", default: false) else {
            throw config.unsupported(
                "attend",
                "tokens that see others and are not seen are not supported; it has to be true, for a model that was "
                    + "trained like that")
        }
        length = try config.size("length")
        token = try config.string("token")
    }
}
