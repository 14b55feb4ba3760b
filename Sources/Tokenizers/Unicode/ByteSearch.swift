/// Finds and replaces byte strings. (Swift's own search compares characters, by canonical equivalence.)
enum ByteSearch {
    /// Returns the places at which `pattern`, which is not empty, occurs in `bytes`: from left to right, without
    /// overlap.
    static func matches(of pattern: [UInt8], in bytes: [UInt8]) -> [Range<Int>] {
        guard let first = pattern.first, bytes.count >= pattern.count else { return [] }
        var matches: [Range<Int>] = []
        var index = 0
        while index <= bytes.count - pattern.count {
            if bytes[index] == first, bytes[index..<index + pattern.count].elementsEqual(pattern) {
                matches.append(index..<index + pattern.count)
                index += pattern.count
            } else {
                index += 1
            }
        }
        return matches
    }

    /// Replaces every occurrence of `pattern` by `content`.
    static func replace(_ pattern: [UInt8], with content: [UInt8], in bytes: inout [UInt8]) {
        let matches = matches(of: pattern, in: bytes)
        guard !matches.isEmpty else { return }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var end = 0
        for match in matches {
            result += bytes[end..<match.lowerBound]
            result += content
            end = match.upperBound
        }
        bytes = result + bytes[end...]
    }
}
