import PenstockCheckpoints
import PenstockJSON

extension ConfigFile {
    /// Checks the settings that config.json of all decoders can have.
    ///
    /// - Parameter honoured: the keys that the family reads
    /// - Throws: an error that names a setting that changes the answers and is not supported, with what would be right.
    func checkDecoderSettings(honoured: [String]) throws(CheckpointError) {
        try checkSettings(honoured: honoured + ["is_decoder"])
        let remedy = "tokens that see those behind them are not supported, since decoders see the past alone"
        // Upstream takes null for false.
        if has("is_causal"), self["is_causal"] != .bool(true) { throw unsupported("is_causal", remedy) }
        try require("use_bidirectional_attention", [.bool(false)], remedy)
    }

    /// Refuses angles for a share of a head's numbers, which upstream does not heed in families that turn all of them.
    ///
    /// - Parameter parameters: the object that says how angles are scaled, if there is one
    func requireWholeHeads(_ parameters: ConfigFile?) throws(CheckpointError) {
        for file in [self, parameters].compactMap(\.self) {
            try file.require(
                "partial_rotary_factor", [.integer(1), .double(1)], "all numbers of a head are turned; take it out")
        }
    }
}
