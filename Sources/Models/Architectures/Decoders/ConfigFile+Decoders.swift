import PenstockCheckpoints
import PenstockJSON

extension ConfigFile {
    /// Checks the settings that config.json of all decoders can have.
    ///
    /// - Parameters:
    ///   - honoured: the keys that the family reads
    ///   - optional: those of them that may be null
    /// - Throws: an error that names a setting that changes the answers and is not supported, with what would be right.
    func checkDecoderSettings(honoured: [String], optional: [String] = []) throws(CheckpointError) {
        // Upstream takes null for either, by how attention is computed.
        try checkSettings(honoured: honoured + ["is_decoder", "is_causal"])
        let remedy = "tokens of this model_type see the past alone"
        for (key, isCausal) in [("is_causal", true), ("use_bidirectional_attention", false)] {
            if !(honoured + optional).contains(key) { try require(key, [.bool(isCausal)], remedy) }
        }
    }

    /// Refuses windows with which upstream generates from other tokens than those that a prompt sees: those that its store
    /// of keys and values has and the layers of a family have not, and those of one token, which the store does not keep.
    func requireWindowsOfPrompts(of family: some DecoderFamily) throws(CheckpointError) {
        if family.windows.contains(.window(before: 0, behind: 0)) {
            throw unsupported("sliding_window", "a model that generates needs a window of at least 2 tokens")
        }
        let whole = JSONValue.string(AttentionType.full.rawValue)
        if let types = self["layer_types"]?.array, types.allSatisfy({ $0 == whole }) { return }
        let trained = family.shape.longestSequence
        let longest = family.rotaries.map { $0.longestSequence(trained: trained) }.max() ?? trained
        for key in family.unheededWindows {
            guard let value = self[key] else { continue }
            if let tokens = value.integer, tokens >= longest { continue }
            throw unsupported(
                key, "a text that is generated would see less than its prompt; take it out, for layers without windows")
        }
    }

    /// The token of padding; nil for none.
    ///
    /// - Parameter fallback: what it is if the file does not say, which is not the same as null
    func paddingToken(default fallback: Int32?) -> Int32? {
        guard has("pad_token_id") else { return fallback }
        guard case .integer(let id)? = self["pad_token_id"] else { return nil }
        return Int32(exactly: id)
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
