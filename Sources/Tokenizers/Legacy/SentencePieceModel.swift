/// The contents of a SentencePiece `.model` file that matter here. (`sentencepiece_model.proto`.)
struct SentencePieceModel: Sendable {
    /// A piece of the vocabulary; its place is its id.
    struct Piece: Sendable {
        var text = ""
        /// Its log probability, or for BPE its negated rank.
        var score = 0.0
        var kind = Kind.normal
    }

    /// A purpose that a piece has.
    enum Kind: UInt64, Sendable {
        case normal = 1
        case unknown, control, userDefined, unused, byte
    }

    /// An algorithm that cuts words.
    enum Algorithm: UInt64, Sendable {
        case unigram = 1
        case bpe, word, char
    }

    /// The file's path.
    let file: String
    private(set) var pieces: [Piece] = []
    private(set) var algorithm = Algorithm.unigram
    private(set) var unknownID = 0
    /// The rules of normalization; nil when there are none.
    private(set) var charsMap: CharsMap?

    /// Reads a file.
    ///
    /// - Throws: ``TokenizerError`` with code `malformed` that says where in the file.
    init(file: String, bytes: [UInt8]) throws(TokenizerError) {
        self.file = file
        do {
            var reader = ProtobufReader(bytes[...])
            while let field = try reader.next() {
                switch (field.number, field.value) {
                case (1, .bytes(let message)): pieces.append(try Self.piece(message))
                case (2, .bytes(let message)): try readTrainerSpec(message)
                case (3, .bytes(let message)): try readNormalizerSpec(message)
                default: break
                }
            }
        } catch {
            throw TokenizerError(
                .malformed, "\(file): no SentencePiece model: \(error.message) at byte \(error.offset)")
        }
        guard !pieces.isEmpty else { throw TokenizerError(.malformed, "\(file): no SentencePiece model: no pieces") }
        guard pieces.indices.contains(unknownID) else {
            throw TokenizerError(.malformed, "\(file): trainer_spec.unk_id: \(unknownID) is no piece")
        }
    }

    private static func piece(_ message: ArraySlice<UInt8>) throws(ProtobufReader.Malformed) -> Piece {
        var piece = Piece()
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let bytes)):
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw ProtobufReader.Malformed(offset: bytes.startIndex, message: "a piece that is not UTF-8")
                }
                piece.text = text
            case (2, .fixed32(let bits)):
                piece.score = Double(Float(bitPattern: bits))
                guard piece.score.isFinite else {
                    throw ProtobufReader.Malformed(
                        offset: message.startIndex, message: "a piece without a finite score")
                }
            case (3, .number(let number)): piece.kind = Kind(rawValue: number) ?? .normal
            default: break
            }
        }
        return piece
    }

    private mutating func readTrainerSpec(_ message: ArraySlice<UInt8>) throws(ProtobufReader.Malformed) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            switch (field.number, field.value) {
            case (3, .number(let number)):
                guard let known = Algorithm(rawValue: number) else {
                    throw ProtobufReader.Malformed(offset: message.startIndex, message: "model_type \(number)")
                }
                algorithm = known
            case (40, .number(let number)): unknownID = Int(truncatingIfNeeded: number)
            default: break
            }
        }
    }

    private mutating func readNormalizerSpec(_ message: ArraySlice<UInt8>) throws(ProtobufReader.Malformed) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            guard field.number == 2, case .bytes(let bytes) = field.value, !bytes.isEmpty else { continue }
            do {
                charsMap = try CharsMap(Array(bytes))
            } catch {
                throw ProtobufReader.Malformed(
                    offset: bytes.startIndex, message: "precompiled_charsmap: \(error.message)")
            }
        }
    }
}

extension SentencePieceModel {
    /// The pieces that are added tokens: control tokens, which are special, and those that a user defined, which are not.
    var addedTokens: [AddedToken] {
        pieces.compactMap { piece in
            guard piece.kind == .control || piece.kind == .userDefined else { return nil }
            var token = AddedToken(special: piece.text)
            token.special = piece.kind == .control
            return token
        }
    }

    /// Longer pieces are in no BPE model, and splitting them in every way would take time.
    private static let longestPiece = 512

    /// The merges of a BPE model, which a file does not list: every way to put a piece together from two others, in the
    /// order of the pieces.
    func merges(in vocabulary: Vocabulary) throws(TokenizerError) -> [(String, String)] {
        var merges: [(String, String)] = []
        for (id, piece) in pieces.enumerated() where vocabulary.id(of: piece.text) == Int32(id) {
            guard piece.text.utf8.count <= Self.longestPiece else {
                throw TokenizerError(.malformed, "\(file): piece \(id) is longer than \(Self.longestPiece) bytes")
            }
            let scalars = piece.text.unicodeScalars
            for split in scalars.indices.dropFirst() {
                let (left, right) = (String(scalars[..<split]), String(scalars[split...]))
                if vocabulary.id(of: left) != nil, vocabulary.id(of: right) != nil { merges.append((left, right)) }
            }
        }
        return merges
    }
}
