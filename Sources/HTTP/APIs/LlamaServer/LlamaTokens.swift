import PenstockJSON
import PenstockPipelines
import PenstockTokenizers

/// The tokens of a text as llama-server tells them: their ids, and with them the texts that they stand for.
struct LlamaTokens: Sendable {
    let hasPieces: Bool

    /// `{"tokens": [id]}`, or `{"tokens": [{"id", "piece"}]}`.
    func json(_ encoding: Encoding, by tokenization: Tokenization) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("tokens")
            writer.array { writer in
                for id in encoding.ids {
                    guard hasPieces else {
                        writer.value(Int(id))
                        continue
                    }
                    writer.object { writer in
                        writer.key("id")
                        writer.value(Int(id))
                        writer.key("piece")
                        writer.value(tokenization.text(of: [id], skipSpecialTokens: false))
                    }
                }
            }
        }
        return writer.finish()
    }
}

extension RequestFields {
    /// The ids of tokens of a field that has to be there; it may be an empty list.
    func idsOfTokens(_ name: String) throws(ClientError) -> [Int32] {
        let expected = "a list of token ids"
        let value = try require(self[name], name, expected)
        if value.array?.isEmpty == true { return [] }
        guard let ids = try value.tokenIDs(named: name) else { throw invalid(name, expected) }
        return ids
    }
}
