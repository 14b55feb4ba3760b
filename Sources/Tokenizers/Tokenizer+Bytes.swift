/// The bytes that each token of a tokenizer adds to a decoded text, cleaning up aside.
package struct AddedBytes: Sendable {
    /// The bytes by the ids of tokens, behind another token; none for an id without one, and for a token that adds
    /// nothing.
    package let behindOthers: [[UInt8]]
    /// The bytes of the first token of a text; nil if they are the same.
    package let atStart: [[UInt8]]?
}

extension Tokenizer {
    /// The bytes that a token stands for, as it may for a part of a character; nil if it is a text.
    package func bytes(of id: Int32) -> [UInt8]? {
        guard let token = token(of: id) else { return nil }
        if tokenDecoder.isOfBytes { return ByteLevelDecoder.bytes(of: token) }
        return tokenDecoder.fallsBackToBytes ? ByteFallbackDecoder.byte(of: token).map { [$0] } : nil
    }

    /// The bytes of tokens, also of those that hold parts of characters; nil if what a token adds depends on more than
    /// whether it is the first.
    ///
    /// - Parameters:
    ///   - count: how many ids there are
    ///   - isLeftOut: tells of an id whether its token counts as one that adds nothing
    package func addedBytes(count: Int, leavingOut isLeftOut: (Int32) -> Bool) -> AddedBytes? {
        guard tokenDecoder.addsTokenByToken else { return nil }
        func collect(_ bytes: (String) -> [UInt8]) -> [[UInt8]] {
            (0..<Int32(clamping: count)).map { id in isLeftOut(id) ? [] : token(of: id).map(bytes) ?? [] }
        }
        if tokenDecoder.isOfBytes {
            return AddedBytes(behindOthers: collect(ByteLevelDecoder.bytes), atStart: nil)
        }
        let fallsBack = tokenDecoder.fallsBackToBytes
        func byte(of token: String) -> UInt8? { fallsBack ? ByteFallbackDecoder.byte(of: token) : nil }
        // Behind a token that any decoder gives out at once.
        var stage = tokenDecoder.makeStage()
        var begun: [DecodedPiece] = []
        stage.append(DecodedPiece(text: "a"), to: &begun)
        let others = collect { token in
            if let byte = byte(of: token) { return [byte] }
            var pieces: [DecodedPiece] = []
            stage.append(DecodedPiece(text: token), to: &pieces)
            return pieces.flatMap { Array($0.text.utf8) }
        }
        let first = collect { token in
            if let byte = byte(of: token), byte >= 0x80 { return [byte] }
            var stage = tokenDecoder.makeStage()
            var pieces: [DecodedPiece] = []
            stage.append(DecodedPiece(text: token), to: &pieces)
            stage.finish(&pieces)
            return pieces.flatMap { Array($0.text.utf8) }
        }
        return AddedBytes(behindOthers: others, atStart: first == others ? nil : first)
    }
}

extension Decoder {
    /// The decoders that it consists of, one after the other.
    private var parts: [any Decoder] { (self as? DecoderSequence)?.decoders.flatMap(\.parts) ?? [self] }

    /// True if tokens are bytes in visible characters.
    fileprivate var isOfBytes: Bool { parts.contains { $0 is ByteLevelDecoder } }

    /// True if tokens like `<0xE2>` stand for bytes.
    fileprivate var fallsBackToBytes: Bool { parts.contains { $0 is ByteFallbackDecoder } }

    /// True if each token adds its text as it comes, which depends on nothing but whether it is the first.
    fileprivate var addsTokenByToken: Bool {
        let parts = parts
        // Decoders that look at the token before or behind, or at the text as a whole.
        if parts.contains(where: { $0 is BPEDecoder || $0 is CTCDecoder || $0 is CleanUp }) { return false }
        if isOfBytes { return parts.allSatisfy { $0 is ByteLevelDecoder || $0 is Fuse } }
        guard let fusion = parts.firstIndex(where: { $0 is Fuse }) else { return true }
        return parts[fusion...].allSatisfy { $0 is Fuse || ($0 as? StripDecoder)?.stop == 0 }
    }
}
