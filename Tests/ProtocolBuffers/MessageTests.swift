import PenstockProtocolBuffers
import PenstockTestSupport
import Testing

@Suite struct MessageTests {
    /// `InferTensorContents` as Python's protobuf 7.35 writes it: truth values, numbers of each kind, and `ab` and nothing.
    private static let contents = MessageFixture.bytes(
        hexadecimal: """
            0a020100120d01ffffffffffffffffff01ac021a0affffffffffffffffff012205ffffffff0f2a0affffffffffffffffff01\
            32080000c03f000000c03a08000000000000d03f420261624200
            """)

    @Test func aMessageOfTheReferenceIsRead() throws {
        let fields = try MessageFixture.fields(Self.contents)
        #expect(try MessageFixture.unsigned(fields, 1) == [1, 0])
        #expect(try MessageFixture.unsigned(fields, 2).map(Int64.init(bitPattern:)) == [1, -1, 300])
        #expect(try MessageFixture.unsigned(fields, 3) == [.max])
        #expect(try MessageFixture.unsigned(fields, 4) == [4_294_967_295])
        #expect(try MessageFixture.unsigned(fields, 5) == [.max])
        #expect(try MessageFixture.floats(fields, 6) == [1.5, -2])
        #expect(try MessageFixture.doubles(fields, 7) == [0.25])
        #expect(try fields.suffix(2).map { try $0.text } == ["ab", ""])
    }

    @Test func aMessageIsWrittenAsByTheReference() {
        var writer = MessageWriter()
        writer.packed(1, [1, 0] as [UInt64])
        writer.packed(2, ([1, -1, 300] as [Int64]).map(UInt64.init(bitPattern:)))
        writer.packed(3, [.max] as [UInt64])
        writer.packed(4, [4_294_967_295] as [UInt64])
        writer.packed(5, [.max] as [UInt64])
        writer.packed(6, [1.5, -2] as [Float])
        writer.packed(7, [0.25] as [Double])
        writer.element(8, "ab".utf8)
        writer.element(8, [])
        #expect(writer.bytes == Self.contents)
    }

    /// Version 3 of the language has no fields of default values, but choices do.
    @Test func defaultsAreLeftOutUnlessTheyAreChosen() {
        var writer = MessageWriter()
        writer.unsigned(1, 0)
        writer.signed(2, 0)
        writer.bool(3, false)
        writer.double(4, 0)
        writer.text(5, "")
        writer.packed(6, [] as [UInt64])
        writer.packed(7, [] as [Float])
        writer.packed(8, [] as [Double])
        #expect(writer.bytes.isEmpty)
        writer.unsigned(1, 0, isChoice: true)
        writer.bool(3, false, isChoice: true)
        writer.double(4, 0, isChoice: true)
        writer.text(5, "", isChoice: true)
        writer.message(6) { _ in }
        #expect(
            writer.bytes == MessageFixture.bytes(hexadecimal: "0800 1800 21 0000000000000000 2a00 3200"))
    }

    /// A reader takes lists that are packed and lists that are not, and both in one message.
    @Test func listsComeTogetherOrOneByOne() throws {
        let fields = try MessageFixture.fields(
            MessageFixture.bytes(hexadecimal: "0801 0a0302ac02 0803 0a00 150000803f 1204000000c0"))
        #expect(try MessageFixture.unsigned(fields, 1) == [1, 2, 300, 3])
        #expect(try MessageFixture.floats(fields, 2) == [1, -2])
    }

    @Test func whatIsOfAnotherKindIsNotKnown() throws {
        let fields = try MessageFixture.fields(MessageFixture.bytes(hexadecimal: "0801 0a0161 0d0000803f"))
        #expect(fields.map(\.unsigned) == [1, nil, nil])
        #expect(fields.map(\.double) == [nil, nil, nil])
        #expect(try fields.map { try $0.text } == [nil, "a", nil])
        #expect(fields.map { $0.bytes != nil } == [false, true, false])
    }

    @Test func groupsArePassedOver() throws {
        let inner = "13 0801 1b 1204 61626364 1c 14"
        let fields = try MessageFixture.fields(MessageFixture.bytes(hexadecimal: "0805 \(inner) 1006"))
        #expect(fields.map(\.number) == [1, 2])
        #expect(fields.map(\.unsigned) == [5, 6])
    }

    @Test(arguments: [
        ("08", WireError.truncated), ("0880", .truncated), ("0a05 61", .truncated), ("0d 000000", .truncated),
        ("09 00000000000000", .truncated), ("0b", .truncated), ("0b 0801", .truncated),
        ("08 ffffffffffffffffff02", .overlongNumber), ("08 8080808080808080808001", .overlongNumber),
        ("0a ffffffffffffffffff01", .truncated), ("0a ffffffffffffffff7f", .truncated), ("00", .invalidField),
        ("0e", .invalidField), ("0f", .invalidField), ("8080808010 00", .invalidField), ("0c", .unbalancedGroup),
        ("0b 14", .unbalancedGroup),
    ])
    func whatIsNoMessageIsRefused(hexadecimal: String, error: WireError) {
        #expect(throws: error) {
            try MessageFixture.fields(MessageFixture.bytes(hexadecimal: hexadecimal))
        }
    }

    @Test func groupsDoNotLieTooDeep() {
        let deepest = Array(repeating: 0x0B as UInt8, count: 64) + Array(repeating: 0x0C, count: 64)
        #expect(throws: Never.self) { try MessageFixture.fields(deepest) }
        #expect(throws: WireError.unbalancedGroup) { try MessageFixture.fields([0x0B] + deepest + [0x0C]) }
        #expect(throws: WireError.unbalancedGroup) {
            try MessageFixture.fields(Array(repeating: 0x0B, count: 1 << 20))
        }
    }

    @Test func textsAndListsAreChecked() throws {
        let field = try #require(try MessageFixture.fields([0x0A, 1, 0xFF]).first)
        #expect(throws: WireError.invalidText(field: 1)) { try field.text }
        #expect(throws: WireError.truncated) { try field.eachUnsigned { _ in } }
        #expect(throws: WireError.invalidList(field: 1)) { try field.eachFloat { _ in } }
        #expect(throws: WireError.invalidList(field: 1)) { try field.eachDouble { _ in } }
    }
}
