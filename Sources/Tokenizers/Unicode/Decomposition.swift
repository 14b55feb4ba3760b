import Foundation

/// What a scalar decomposes into, fully and in canonical order.
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

    // MARK: Tables

    /// Where scalars with canonical decompositions are. Upstream's tables are frozen, so that is known.
    static let canonicalBlocks: [ClosedRange<UInt32>] = [
        0xC0...0x30FF, 0xF900...0xFAFF, 0xFB1D...0xFB4F, 0x11000...0x115FF, 0x1D15E...0x1D1C0, 0x2F800...0x2FA1F,
    ]
    /// Where scalars with others are.
    static let compatibilityBlocks: [ClosedRange<UInt32>] = [
        0xA0...0xBF, 0x3100...0x33FF, 0xA690...0xA7FF, 0xAB50...0xAB6F, 0xFB00...0xFB1C, 0xFB50...0xFFFF,
        0x1D400...0x1D7FF, 0x1EE00...0x1EEFF, 0x1F100...0x1F2FF,
    ]

    private static let canonicalTable = DecompositionTable(canonicalBlocks) {
        $0.decomposedStringWithCanonicalMapping
    }
    private static let compatibilityTable = DecompositionTable(canonicalBlocks + compatibilityBlocks) {
        $0.decomposedStringWithCompatibilityMapping
    }
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

    init(_ blocks: [ClosedRange<UInt32>], _ decompose: (String) -> String) {
        for value in blocks.joined() {
            guard let scalar = Unicode.Scalar(value), UpstreamUnicode.isDecomposable(scalar) else { continue }
            let parts = decompose(String(scalar)).unicodeScalars
            if parts.elementsEqual(CollectionOfOne(scalar)) { continue }
            let page = Int(value >> 8)
            if pages[page] == 0 {
                pages[page] = UInt16(entries.count >> 8)
                entries += Array(repeating: Entry(), count: 256)
            }
            entries[Int(pages[page]) << 8 | Int(value & 0xFF)] = Entry(
                start: UInt16(scalars.count), count: UInt16(parts.count))
            scalars += parts
        }
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
