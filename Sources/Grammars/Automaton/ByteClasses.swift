/// Bytes that a grammar does not tell apart, as classes with numbers.
struct ByteClasses: Sendable {
    /// The class of each byte.
    private let classes: [UInt8]
    /// A byte of each class.
    let representatives: [UInt8]

    init(_ grammar: Grammar) {
        var classes = [Int](repeating: 0, count: 256)
        var count = 1
        func split(by isInside: (UInt8) -> Bool) {
            var inside: [Int: Int] = [:]
            var next: [Int] = []
            for byte in 0..<256 {
                guard isInside(UInt8(byte)) else {
                    next.append(classes[byte])
                    continue
                }
                next.append(inside[classes[byte]] ?? count)
                if inside[classes[byte]] == nil {
                    inside[classes[byte]] = count
                    count += 1
                }
            }
            // Without the classes of which nothing is left.
            var numbers: [Int: Int] = [:]
            for value in next where numbers[value] == nil { numbers[value] = numbers.count }
            classes = next.map { numbers[$0] ?? 0 }
            count = numbers.count
        }
        for set in grammar.sets where count < 256 { split { set.contains($0) } }
        for rule in Set(grammar.characterRules) { split { grammar.characterRules[Int($0)] == rule } }
        split(by: StringBytes.isPlain)
        self.classes = classes.map { UInt8($0) }
        var representatives: [UInt8] = []
        for byte in 0..<256 where classes[byte] == representatives.count { representatives.append(UInt8(byte)) }
        self.representatives = representatives
    }

    var count: Int { representatives.count }

    /// The groups that bytes of each class are in, with all classes of their bytes.
    var groups: [[(group: UInt64, classes: [Int])]] {
        var members: [UInt64: Set<Int>] = [:]
        for byte in 0...255 as ClosedRange<UInt8> { members[ByteGroups.set(of: byte), default: []].insert(self[byte]) }
        var groups = [[(group: UInt64, classes: [Int])]](repeating: [], count: count)
        for (group, classes) in members {
            for number in classes { groups[number].append((group, Array(classes))) }
        }
        return groups
    }

    subscript(byte: UInt8) -> Int { Int(classes[Int(byte)]) }
}

/// The bytes of strings of JSON.
enum StringBytes {
    /// Tells whether a byte is a character of a string by itself.
    static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x80).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
