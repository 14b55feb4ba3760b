/// The texts at which an answer ends, and what of it is held back because one of them may have begun.
struct StopStrings: Sendable {
    private let strings: [[UInt8]]
    /// The end of the text: how a stop string may begin, and bytes that are looked at but not shown.
    private var bytes: [UInt8] = []
    private var isShown: [Bool] = []
    /// The place of the stop string that was found, among ``strings``.
    private(set) var found: Int?

    init(_ strings: [String]) { self.strings = strings.map { Array($0.utf8) } }

    /// True while there is something to look for.
    var isLooking: Bool { !strings.isEmpty && found == nil }

    /// Returns the text that no stop string can begin in any more.
    ///
    /// - Parameters:
    ///   - text: what is appended, whole scalars
    ///   - shown: whether it is part of the answer, or only looked at
    ///   - cuts: whether a stop string is left out of the answer, with all that follows
    ///   - mayStop: whether one that is complete with the text counts
    mutating func append(_ text: String, shown: Bool, cuts: Bool, mayStop: Bool = true) -> String {
        guard !strings.isEmpty else { return shown ? text : "" }
        guard found == nil else { return cuts || !shown ? "" : text }
        let old = bytes.count
        bytes += text.utf8
        isShown += repeatElement(shown, count: bytes.count - old)
        if mayStop, let match = firstMatch(endingBehind: old) {
            found = match.index
            return release(cuts ? match.start : bytes.count)
        }
        return release(bytes.count - begun)
    }

    /// Returns the text that was held back. There is no more to come.
    mutating func finish(cuts: Bool) -> String {
        found != nil && cuts ? "" : release(bytes.count)
    }

    /// The stop string that begins first among those that end in the new bytes.
    private func firstMatch(endingBehind old: Int) -> (start: Int, index: Int)? {
        var first: (start: Int, index: Int)?
        for (index, string) in strings.enumerated() where !string.isEmpty && string.count <= bytes.count {
            for start in stride(from: max(0, old - string.count + 1), through: bytes.count - string.count, by: 1)
            where bytes[start...].starts(with: string) {
                if start < first?.start ?? .max { first = (start, index) }
                break
            }
        }
        return first
    }

    /// The number of last bytes that may be the beginning of a stop string.
    private var begun: Int {
        var longest = 0
        for string in strings {
            let most = min(string.count - 1, bytes.count)
            for length in stride(from: most, to: longest, by: -1)
            where bytes.suffix(length).elementsEqual(string.prefix(length)) {
                longest = length
                break
            }
        }
        return longest
    }

    /// Takes the first bytes out and returns those that are shown.
    private mutating func release(_ count: Int) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(count)
        for index in 0..<count where isShown[index] { text.append(bytes[index]) }
        bytes.removeFirst(count)
        isShown.removeFirst(count)
        return String(decoding: text, as: UTF8.self)
    }
}
