import PenstockTokenizers
import Testing

/// The bits of a class of a regular expression are put together from those of its parts.
@Suite struct ScalarExpressionTests {
    private static func expectEachBit(of expression: ScalarExpression, _ name: String) {
        var expected = [UInt64](repeating: 0, count: 0x10000 / 64)
        for value in UInt32(0)..<0x10000 {
            if let scalar = Unicode.Scalar(value), expression.contains(scalar) {
                expected[Int(value >> 6)] |= 1 << UInt64(value & 63)
            }
        }
        let found = expression.basicPlane.words
        #expect(found.count == expected.count)
        let wrong = zip(found, expected).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
        #expect(wrong.isEmpty, "\(name) differs in \(wrong.prefix(10)) times 64")
    }

    @Test(arguments: [
        "Any", "Assigned", "L", "Lu", "M", "N", "S", "Cs", "Cn", "Alphabetic", "White_Space", "Lowercase", "word",
        "graph", "print", "Han", "Common", "Cherokee", "Yi",
    ])
    func properties(name: String) throws {
        let set = try #require(UnicodeProperty.scalars(named: name))
        Self.expectEachBit(of: set, name)
        Self.expectEachBit(of: .ignoringCase(set), "\(name), whatever the case")
    }

    @Test func nothingAndEverything() {
        Self.expectEachBit(of: .union([]), "nothing")
        Self.expectEachBit(of: .intersection([]), "no condition")
        Self.expectEachBit(of: .script(255), "no script")
    }

    static let ranges: [ScalarExpression] = [
        .ranges([]), .ranges([0...0]), .ranges([0x3F...0x40]), .ranges([0x41...0x5A, 0x61...0x7A]),
        .ranges([0...0x10FFFF]), .ranges([0xD7FF...0xE000]), .ranges([0xFFFF...0x10000]), .ranges([0x10400...0x1044F]),
        .ranges([0x20...0x7F, 0x7F...0xBF]), .ranges([0x41...0x41, 0x130...0x131, 0x17F...0x17F, 0x212A...0x212A]),
    ]

    @Test(arguments: ranges.indices) func combinations(index: Int) {
        let (set, letters) = (Self.ranges[index], GeneralCategory.Mask(rawValue: 0x1F))
        let odd = ScalarPredicate { $0.value % 3 == 1 }
        Self.expectEachBit(of: set, "ranges")
        Self.expectEachBit(of: .complement(set), "complement")
        Self.expectEachBit(of: .ignoringCase(set), "whatever the case")
        Self.expectEachBit(of: .complement(.ignoringCase(.complement(set))), "complement of the complement's cases")
        Self.expectEachBit(of: .union([set, .predicate(odd), .categories(letters)]), "union")
        Self.expectEachBit(of: .intersection([.complement(set), .predicate(odd), .complement(.script(24))]), "common")
        Self.expectEachBit(
            of: .ignoringCase(.intersection([.union([set, .categories(letters)]), .predicate(odd)])), "nested")
    }
}
