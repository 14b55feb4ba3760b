import PenstockProtocolBuffers
import PenstockTestSupport
import Testing

@Suite struct MessagePropertyTests {
    /// What a test wrote as a field.
    private enum Written: Equatable {
        case number(UInt64)
        case double(UInt64)
        case bytes([UInt8])
    }

    private static func number(_ random: inout SeededGenerator) -> UInt64 {
        random.next() >> UInt64.random(in: 0...63, using: &random)
    }

    private static func bytes(_ random: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    /// A message, what is in it, and where its fields end.
    private static func message(
        _ random: inout SeededGenerator
    ) -> (bytes: [UInt8], fields: [(Int, Written)], ends: Set<Int>) {
        var writer = MessageWriter()
        var fields: [(Int, Written)] = []
        var ends: Set<Int> = [0]
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let field = Int.random(in: 1...536_870_911, using: &random) >> Int.random(in: 0...28, using: &random)
            let number = max(1, field)
            switch Int.random(in: 0...2, using: &random) {
            case 0:
                let value = Self.number(&random)
                writer.unsigned(number, value, isChoice: true)
                fields.append((number, .number(value)))
            case 1:
                let value = Self.number(&random)
                writer.double(number, Double(bitPattern: value), isChoice: true)
                fields.append((number, .double(Double(bitPattern: value).bitPattern)))
            default:
                let value = Self.bytes(&random)
                writer.element(number, value)
                fields.append((number, .bytes(value)))
            }
            ends.insert(writer.bytes.count)
        }
        return (writer.bytes, fields, ends)
    }

    private static func written(_ field: WireField) -> Written? {
        field.unsigned.map(Written.number) ?? field.double.map { .double($0.bitPattern) }
            ?? field.bytes.map { .bytes(Array($0)) }
    }

    @Test func whatIsWrittenIsRead() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            let (bytes, fields, _) = Self.message(&random)
            let read = try MessageFixture.fields(bytes)
            #expect(read.map(\.number) == fields.map(\.0))
            #expect(read.map(Self.written) == fields.map(\.1))
        }
    }

    /// A message that is cut is refused, unless it is cut between two fields.
    @Test func whatIsCutIsRefused() {
        var random = SeededGenerator(seed: 12)
        for _ in 0..<40 {
            let (bytes, _, ends) = Self.message(&random)
            for count in 0..<bytes.count {
                let isWhole = (try? MessageFixture.fields(Array(bytes.prefix(count)))) != nil
                #expect(isWhole == ends.contains(count), "\(count) of \(bytes)")
            }
        }
    }

    /// Whatever comes is read or refused.
    @Test func anyBytesAreReadOrRefused() {
        var random = SeededGenerator(seed: 13)
        for _ in 0..<20_000 {
            let bytes = Self.bytes(&random).prefix(40)
            guard let fields = try? MessageFixture.fields(Array(bytes)) else { continue }
            for field in fields {
                #expect((1...536_870_911).contains(field.number))
                _ = try? field.text
                try? field.eachUnsigned { _ in }
                try? field.eachFloat { _ in }
                try? field.eachDouble { _ in }
            }
        }
    }
}
