/// Replaces what a SentencePiece model has rules for: whole clusters of fewer than six bytes, or else single scalars.
struct Precompiled: Normalizer {
    private let map: CharsMap
    /// The byte that each ASCII byte becomes; nil if it is not another ASCII byte.
    private let ascii: [UInt8?]

    /// Longer clusters are only replaced scalar by scalar.
    private static let longestCluster = 5

    init(_ field: Field) throws(TokenizerError) {
        let field = field["precompiled_charsmap"]
        guard let bytes = Base64.bytes(of: try field.string()) else { throw field.malformed("not base64") }
        do {
            self.init(try CharsMap(bytes))
        } catch {
            throw field.malformed(error.message)
        }
    }

    init(_ map: CharsMap) {
        self.map = map
        ascii = (UInt8(0)..<128).map { byte in
            guard let replacement = map.replacement(for: CollectionOfOne(byte)) else { return byte }
            return replacement.count == 1 ? replacement.first : nil
        }
    }

    func normalize(_ text: inout NormalizedText) {
        if text.isPlainASCII, normalizeASCII(&text) { return }
        var rewriting = Rewriting(map: map, capacity: text.bytes.count)
        text.bytes.withUnsafeBufferPointer { bytes in
            GraphemeClusters.forEach(in: bytes) { cluster in
                let cluster = UnsafeBufferPointer(rebasing: bytes[cluster])
                if cluster.count > Self.longestCluster || !rewriting.replace(cluster) {
                    rewriting.appendScalars(of: cluster)
                }
            }
        }
        if rewriting.isModified { text.rewrite(as: rewriting.scalars) }
    }

    /// Replaces byte by byte.
    ///
    /// - Returns: false, with the text as it was, where that is not enough.
    private func normalizeASCII(_ text: inout NormalizedText) -> Bool {
        var table = [UInt8](repeating: 0, count: 128)
        for (byte, replacement) in ascii.enumerated() { table[byte] = replacement ?? 0xFF }
        let isSimple = text.bytes.withUnsafeBufferPointer { bytes in
            // A carriage return may be one cluster with what follows.
            bytes.allSatisfy { table[Int($0)] < 0x80 && $0 != UInt8(ascii: "\r") }
        }
        if isSimple { text.mapASCII(table) }
        return isSimple
    }
}

/// A text as it is rewritten.
private struct Rewriting {
    let map: CharsMap
    private(set) var scalars: [NormalizedText.Rewritten] = []
    private(set) var isModified = false

    init(map: CharsMap, capacity: Int) {
        self.map = map
        scalars.reserveCapacity(capacity)
    }

    /// Appends what replaces `part`, if anything does.
    mutating func replace(_ part: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let replacement = map.replacement(for: part) else { return false }
        isModified = true
        let (old, start) = (Self.scalarCount(of: part), scalars.count)
        for scalar in String(decoding: replacement, as: UTF8.self).unicodeScalars { append(scalar) }
        let added = scalars.count - start - old
        // Scalars beyond the old ones are put in at the end, and missing ones are removed behind the last.
        for index in scalars.indices.suffix(max(added, 0)) { scalars[index].change = 1 }
        if added < 0, let last = scalars.indices.last { scalars[last].change += added }
        return true
    }

    /// Appends the scalars of `cluster` one by one, or what replaces them.
    mutating func appendScalars(of cluster: UnsafeBufferPointer<UInt8>) {
        var index = 0
        while index < cluster.count {
            let (scalar, length) = UTF8Reading.scalar(in: cluster, at: index)
            // A cluster of one scalar was looked up already.
            let part = UnsafeBufferPointer(rebasing: cluster[index..<index + length])
            if !replace(part) { append(scalar) }
            index += length
        }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        scalars.append(NormalizedText.Rewritten(scalar: scalar, change: 0))
    }

    private static func scalarCount(of part: UnsafeBufferPointer<UInt8>) -> Int {
        part.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }
}
