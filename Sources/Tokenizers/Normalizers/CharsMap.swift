/// SentencePiece's `precompiled_charsmap`: strings and what to replace them by.
///
/// Four bytes give the size of a double array in bytes (little endian, as all numbers here), then comes the array, then
/// the replacements, each ended by a zero byte. A unit of the array is, in the manner of Darts-clone (Yata 2008): bits 0
/// to 7 and 31 the label, bit 8 whether a key ends here, bit 9 and bits 10 to 30 the offset of the children; or, for the
/// child of a zero byte, in bits 0 to 30 the place of the replacement.
struct CharsMap: Sendable {
    private let units: [UInt32]
    private let replacements: [UInt8]

    /// An error that says what is wrong with a map.
    struct Malformed: Error {
        var message: String
    }

    init(_ bytes: [UInt8]) throws(Malformed) {
        guard bytes.count >= 4 else { throw Malformed(message: "\(bytes.count) bytes cannot hold the trie's size") }
        func number(at index: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << (8 * UInt32($1)) }
        }
        let count = Int(number(at: 0)) / 4
        guard count > 0 else { throw Malformed(message: "the trie is empty") }
        guard count * 4 <= bytes.count - 4 else {
            throw Malformed(message: "the trie says it has \(count * 4) bytes, but there are only \(bytes.count - 4)")
        }
        units = (0..<count).map { number(at: 4 + 4 * $0) }
        replacements = Array(bytes[(4 + 4 * count)...])
        guard String(validating: replacements, as: UTF8.self) != nil else {
            throw Malformed(message: "the replacements are not UTF-8")
        }
    }

    /// Returns the text that replaces `key`: what the map has for the shortest string that `key` begins with, as
    /// upstream has it.
    func replacement(for key: some Sequence<UInt8>) -> ArraySlice<UInt8>? {
        var replacement: ArraySlice<UInt8>?
        forEachPrefix(of: key) { _, found in
            replacement = found
            return false
        }
        return replacement
    }

    /// Returns what the map has for the longest string that `key` begins with, and the length of that string, as
    /// SentencePiece has it.
    func longestReplacement(for key: some Sequence<UInt8>) -> (length: Int, replacement: ArraySlice<UInt8>)? {
        var longest: (Int, ArraySlice<UInt8>)?
        forEachPrefix(of: key) { length, found in
            longest = (length, found)
            return true
        }
        return longest
    }

    /// Calls `body` with the strings of the map that `key` begins with, shorter ones first, until it returns false.
    private func forEachPrefix(of key: some Sequence<UInt8>, _ body: (Int, ArraySlice<UInt8>) -> Bool) {
        var place = offset(of: units[0])
        var length = 0
        for byte in key {
            place ^= Int(byte)
            length += 1
            guard byte != 0, units.indices.contains(place), label(of: units[place]) == UInt32(byte) else { return }
            let unit = units[place]
            place ^= offset(of: unit)
            guard unit >> 8 & 1 == 1 else { continue }
            guard units.indices.contains(place), let found = replacement(at: Int(units[place] & 0x7FFF_FFFF)),
                body(length, found)
            else { return }
        }
    }

    private func replacement(at start: Int) -> ArraySlice<UInt8>? {
        // A place in the middle of a character is no place.
        guard start < replacements.count, replacements[start] & 0xC0 != 0x80 else { return nil }
        return replacements[start...].prefix { $0 != 0 }
    }

    private func label(of unit: UInt32) -> UInt32 { unit & 0x8000_00FF }

    private func offset(of unit: UInt32) -> Int { Int(unit >> 10) << (Int(unit & 0x200) >> 6) }
}
