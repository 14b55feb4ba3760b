import Foundation

/// What a scalar decomposes into, fully and in canonical order.
enum Decomposition {
    case canonical
    case compatibility

    /// Calls `body` with each scalar of the decomposition; with the scalar itself if it has none.
    func forEach(of scalar: Unicode.Scalar, _ body: (Unicode.Scalar) -> Void) {
        let value = scalar.value
        if value < 0x80 { return body(scalar) }
        if case 0xAC00...0xD7A3 = value { return Self.forEachJamo(of: value, body) }
        if self == .canonical, value < Self.tableEnd {
            let entry = Self.table.entries[Int(value)]
            if entry.count == 0 { return body(scalar) }
            for index in Int(entry.start)..<Int(entry.start) + Int(entry.count) { body(Self.table.scalars[index]) }
            return
        }
        guard UpstreamUnicode.isDecomposable(scalar) else { return body(scalar) }
        for part in foundationDecomposition(of: scalar).unicodeScalars { body(part) }
    }

    private func foundationDecomposition(of scalar: Unicode.Scalar) -> String {
        switch self {
        case .canonical: String(scalar).decomposedStringWithCanonicalMapping
        case .compatibility: String(scalar).decomposedStringWithCompatibilityMapping
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

    // MARK: The table of the alphabets

    /// Scalars below have their canonical decompositions in a table, since text is full of them.
    private static let tableEnd: UInt32 = 0x3000

    private struct Table {
        var entries: [(start: UInt16, count: UInt8)] = []
        var scalars: [Unicode.Scalar] = []
    }

    private static let table: Table = {
        var table = Table()
        for value in 0..<tableEnd {
            var entry: (start: UInt16, count: UInt8) = (0, 0)
            if value >= 0xC0, let scalar = Unicode.Scalar(value), UpstreamUnicode.isDecomposable(scalar) {
                let parts = Decomposition.canonical.foundationDecomposition(of: scalar).unicodeScalars
                if !parts.elementsEqual(CollectionOfOne(scalar)) {
                    entry = (UInt16(table.scalars.count), UInt8(parts.count))
                    table.scalars += parts
                }
            }
            table.entries.append(entry)
        }
        return table
    }()
}
