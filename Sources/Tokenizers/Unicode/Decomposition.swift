/// The full decomposition of scalars, in canonical order.
enum Decomposition {
    case canonical
    case compatibility

    /// Calls `body` with each scalar of the decomposition; with the scalar itself if it has none.
    @inline(__always)
    func forEach(of scalar: Unicode.Scalar, _ body: (Unicode.Scalar) -> Void) {
        let value = scalar.value
        if value < 0x80 { return body(scalar) }
        if case 0xAC00...0xD7A3 = value { return Self.forEachJamo(of: value, body) }
        table.forEach(of: scalar, body)
    }

    private var table: DecompositionTable {
        switch self {
        case .canonical: Self.canonicalTable
        case .compatibility: Self.compatibilityTable
        }
    }

    /// Hangul syllables are arithmetic. (The Unicode Standard, section 3.12.)
    private static func forEachJamo(of syllable: UInt32, _ body: (Unicode.Scalar) -> Void) {
        let index = syllable - 0xAC00
        let jamo = [0x1100 + index / 588, 0x1161 + index % 588 / 28, 0x11A7 + index % 28]
        for value in index % 28 == 0 ? jamo[..<2] : jamo[...] {
            if let scalar = Unicode.Scalar(value) { body(scalar) }
        }
    }

    private static let canonicalTable = DecompositionTable(DecompositionMappings.canonical.mappings)
    private static let compatibilityTable = DecompositionTable(
        DecompositionMappings.canonical.mappings + DecompositionMappings.compatibility.mappings)
}

/// Decompositions by scalar, in pages.
private struct DecompositionTable: Sendable {
    private struct Entry {
        var start: UInt16 = 0
        var count: UInt16 = 0
    }

    private static let end: UInt32 = 0x30000
    /// For 256 scalars each, where their entries are; the first page is empty.
    private var pages = [UInt16](repeating: 0, count: Int(end >> 8))
    private var entries = [Entry](repeating: Entry(), count: 256)
    private var scalars: [Unicode.Scalar] = []

    init(_ mappings: [DecompositionMappings.Mapping]) {
        let steps = Dictionary(mappings.map { ($0.scalar, $0.parts) }) { first, _ in first }
        for mapping in mappings where UpstreamUnicode.isDecomposable(mapping.scalar) {
            let page = Int(mapping.scalar.value >> 8)
            if pages[page] == 0 {
                pages[page] = UInt16(entries.count >> 8)
                entries += Array(repeating: Entry(), count: 256)
            }
            let start = scalars.count
            appendParts(of: mapping.scalar, steps)
            entries[Int(pages[page]) << 8 | Int(mapping.scalar.value & 0xFF)] = Entry(
                start: UInt16(start), count: UInt16(scalars.count - start))
        }
    }

    /// Appends what the steps lead to. That is in canonical order, which a test holds.
    private mutating func appendParts(of scalar: Unicode.Scalar, _ steps: [Unicode.Scalar: [Unicode.Scalar]]) {
        guard let parts = steps[scalar] else { return scalars.append(scalar) }
        for part in parts { appendParts(of: part, steps) }
    }

    @inline(__always)
    func forEach(of scalar: Unicode.Scalar, _ body: (Unicode.Scalar) -> Void) {
        let value = scalar.value
        guard value < Self.end else { return body(scalar) }
        let entry = entries[Int(pages[Int(value >> 8)]) << 8 | Int(value & 0xFF)]
        if entry.count == 0 { return body(scalar) }
        for index in Int(entry.start)..<Int(entry.start) + Int(entry.count) { body(scalars[index]) }
    }
}
