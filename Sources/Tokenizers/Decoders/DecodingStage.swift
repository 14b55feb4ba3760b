/// A token on its way through the decoders, or as much of it as is known yet.
struct DecodedPiece: Sendable {
    var text: String
    /// True if a token begins with this piece.
    var begins = true
    /// True if a token ends with this piece.
    var ends = true
}

/// A decoder at work on one sequence of tokens. It passes on what no later token can change.
protocol DecodingStage: Sendable {
    /// Takes the next piece and appends what comes of it.
    mutating func append(_ piece: DecodedPiece, to output: inout [DecodedPiece])
    /// Appends what was held back. There are no more pieces.
    mutating func finish(_ output: inout [DecodedPiece])
}

/// Stages that feed each other.
struct StageSequence: DecodingStage {
    private var stages: [any DecodingStage]

    init(_ stages: [any DecodingStage]) { self.stages = stages }

    mutating func append(_ piece: DecodedPiece, to output: inout [DecodedPiece]) {
        output += pass([piece], from: 0)
    }

    mutating func finish(_ output: inout [DecodedPiece]) {
        for index in stages.indices {
            var last: [DecodedPiece] = []
            stages[index].finish(&last)
            output += pass(last, from: index + 1)
        }
    }

    private mutating func pass(_ pieces: [DecodedPiece], from first: Int) -> [DecodedPiece] {
        var pieces = pieces
        for index in stages.indices.dropFirst(first) {
            var passed: [DecodedPiece] = []
            for piece in pieces { stages[index].append(piece, to: &passed) }
            pieces = passed
        }
        return pieces
    }
}

/// A decoder that looks at one token after the other, each as a whole.
protocol TokenwiseDecoder: Decoder {
    /// Returns the text that a token becomes; nil if it becomes none.
    mutating func decode(_ token: String, at index: Int) -> String?
}

extension TokenwiseDecoder {
    func makeStage() -> any DecodingStage { TokenwiseStage(decoder: self) }
}

private struct TokenwiseStage<Decoder: TokenwiseDecoder>: DecodingStage {
    var decoder: Decoder
    private var index = 0
    private var collector = TokenCollector()

    init(decoder: Decoder) { self.decoder = decoder }

    mutating func append(_ piece: DecodedPiece, to output: inout [DecodedPiece]) {
        guard let token = collector.append(piece) else { return }
        if let text = decoder.decode(token, at: index) { output.append(DecodedPiece(text: text)) }
        index += 1
    }

    mutating func finish(_ output: inout [DecodedPiece]) {}
}

/// Puts pieces together to tokens.
struct TokenCollector: Sendable {
    private var text = ""

    /// The token that ends with `piece`, if one does.
    mutating func append(_ piece: DecodedPiece) -> String? {
        if piece.begins, piece.ends { return piece.text }
        text += piece.text
        guard piece.ends else { return nil }
        defer { text = "" }
        return text
    }
}
