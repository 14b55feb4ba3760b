import PenstockCheckpoints
import PenstockTestSupport
import Testing

@Suite struct SafetensorsFaultTests {
    private static func error(of file: [UInt8]) throws -> CheckpointError? {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/model.safetensors"
        try directory.write("model.safetensors", file)
        do {
            _ = try SafetensorsFile(path: path)
            return nil
        } catch {
            #expect(error.file == path && error.code == .malformedFile)
            #expect(error.description == "\(path): \(error.message)")
            return error
        }
    }

    /// The files as a whole: the header's text, the length in front of it if not its own, and the message.
    static let headers: [(header: String, length: UInt64?, message: String)] = [
        ("{}", 3, "is truncated: a header of 3 bytes, but a file of 10"),
        ("{}", 100_000_000, "is truncated: a header of 100000000 bytes, but a file of 10"),
        ("{}", 100_000_001, "claims a header of 100000001 bytes; more than 100000000 are not allowed"),
        ("{}", .max, "claims a header of 18446744073709551615 bytes; more than 100000000 are not allowed"),
        ("{}", 1 << 63, "claims a header of 9223372036854775808 bytes; more than 100000000 are not allowed"),
        ("{}", 0, "has a header that is not JSON: unexpected end at byte 0"),
        ("{}", 1, "has a header that is not JSON: expected a key at byte 1"),
        ("[]", nil, "has a header that is no JSON object"),
        ("null", nil, "has a header that is no JSON object"),
        ("{\"a\":}", nil, "has a header that is not JSON: expected a value at byte 5"),
        ("\u{0}\u{0}", nil, "has a header that is not JSON: expected a value at byte 0"),
        ("{} x", nil, "has a header that is not JSON: unexpected text after the document at byte 3"),
    ]

    @Test(arguments: headers)
    func faultsOfTheFile(header: String, length: UInt64?, message: String) throws {
        let error = try Self.error(of: Safetensors.file(header: header.utf8, length: length, data: []))
        #expect(error?.message == message)
    }

    @Test func shortFiles() throws {
        for count in 1..<8 {
            let error = try Self.error(of: Array(repeating: 0, count: count))
            #expect(error?.message == "is too short for a safetensors file")
        }
        #expect(try Self.error(of: [])?.message == "is empty")
    }

    /// A header whose `layer.weight` is described by this text, and the message behind "tensor layer.weight "; there are
    /// 16 bytes of data.
    static let descriptions: [(description: String, message: String)] = [
        (#"{"shape":[4],"data_offsets":[0,16]}"#, "has no dtype"),
        (#"{"dtype":7,"shape":[4],"data_offsets":[0,16]}"#, "has no dtype"),
        ("7", "has no dtype"), ("null", "has no dtype"),
        (#"{"dtype":"F33","shape":[4],"data_offsets":[0,16]}"#, "has the unknown dtype F33"),
        (#"{"dtype":"f32","shape":[4],"data_offsets":[0,16]}"#, "has the unknown dtype f32"),
        (#"{"dtype":"F32","data_offsets":[0,16]}"#, "has no shape"),
        (#"{"dtype":"F32","shape":4,"data_offsets":[0,16]}"#, "has no shape"),
        (#"{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}"#, "has a shape that is no list of sizes"),
        (#"{"dtype":"F32","shape":[-2,-2],"data_offsets":[0,16]}"#, "has a shape that is no list of sizes"),
        (#"{"dtype":"F32","shape":[4.5],"data_offsets":[0,16]}"#, "has a shape that is no list of sizes"),
        (#"{"dtype":"F32","shape":["4"],"data_offsets":[0,16]}"#, "has a shape that is no list of sizes"),
        (#"{"dtype":"F32","shape":[1e300],"data_offsets":[0,16]}"#, "has a shape that is no list of sizes"),
        (#"{"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,16]}"#, "has a shape beyond all memory"),
        (#"{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,16]}"#, "has a shape beyond all memory"),
        (#"{"dtype":"F32","shape":[4]}"#, "has data_offsets that are no range of bytes"),
        (#"{"dtype":"F32","shape":[4],"data_offsets":[0]}"#, "has data_offsets that are no range of bytes"),
        (#"{"dtype":"F32","shape":[4],"data_offsets":[0,8,16]}"#, "has data_offsets that are no range of bytes"),
        (#"{"dtype":"F32","shape":[4],"data_offsets":[0,null]}"#, "has data_offsets that are no range of bytes"),
        (#"{"dtype":"F32","shape":[4],"data_offsets":[16,0]}"#, "has data_offsets that are no range of bytes"),
        (#"{"dtype":"F32","shape":[4],"data_offsets":[-16,0]}"#, "has data_offsets that are no range of bytes"),
        (
            #"{"dtype":"F32","shape":[4],"data_offsets":[-9223372036854775808,9223372036854775807]}"#,
            "has data_offsets that are no range of bytes"
        ),
        (
            #"{"dtype":"F32","shape":[3],"data_offsets":[0,16]}"#,
            "of shape [3] and dtype F32 needs 12 bytes, but has 16"
        ),
        (#"{"dtype":"F16","shape":[4],"data_offsets":[0,16]}"#, "of shape [4] and dtype F16 needs 8 bytes, but has 16"),
        (#"{"dtype":"F32","shape":[],"data_offsets":[0,16]}"#, "of shape [] and dtype F32 needs 4 bytes, but has 16"),
        (
            #"{"dtype":"F32","shape":[0,4],"data_offsets":[0,16]}"#,
            "of shape [0, 4] and dtype F32 needs 0 bytes, but has 16"
        ),
        (
            #"{"dtype":"F32","shape":[5],"data_offsets":[0,20]}"#,
            "ends at byte 20 of 16: the file is truncated or its header wrong"
        ),
        (
            #"{"dtype":"U8","shape":[0],"data_offsets":[9223372036854775807,9223372036854775807]}"#,
            "ends at byte 9223372036854775807 of 16: the file is truncated or its header wrong"
        ),
    ]

    @Test(arguments: descriptions)
    func faultsOfATensor(description: String, message: String) throws {
        let header = #"{"layer.weight":\#(description)}"#
        let error = try Self.error(of: Safetensors.file(header: header.utf8, data: repeatElement(0, count: 16)))
        #expect(error?.message == "tensor layer.weight \(message)")
    }

    /// Byte ranges of `a`, `b`, … in 16 bytes of data, and the message.
    static let layouts: [(ranges: [Range<Int>], message: String)] = [
        ([0..<8, 4..<16], "tensor b overlaps the one before it"),
        ([0..<16, 0..<16], "tensor b overlaps the one before it"),
        ([0..<8, 12..<16], "4 bytes before tensor b belong to no tensor"),
        ([4..<16], "4 bytes before tensor a belong to no tensor"),
        ([0..<8, 8..<12], "4 bytes at the end belong to no tensor"),
        ([0..<8, 4..<4, 8..<16], "tensor b overlaps the one before it"),
        ([], "16 bytes at the end belong to no tensor"),
    ]

    @Test(arguments: layouts)
    func faultsOfTheLayout(ranges: [Range<Int>], message: String) throws {
        let entries = zip("abc", ranges).map { name, range in
            #""\#(name)":{"dtype":"U8","shape":[\#(range.count)],"data_offsets":[\#(range.lowerBound),\#(range.upperBound)]}"#
        }
        let header = "{" + entries.joined(separator: ",") + "}"
        let error = try Self.error(of: Safetensors.file(header: header.utf8, data: repeatElement(0, count: 16)))
        let found = try #require(error?.message)
        // Of tensors with the same range, either may be named.
        #expect(found == message || Set(ranges).count < ranges.count && found.contains("overlaps the one before it"))
    }

    @Test func repeatedNames() throws {
        let entry = Safetensors.Entry("layer.weight", dtype: "U8", shape: [1], bytes: [0])
        #expect(try Self.error(of: Safetensors.file([entry, entry]))?.message == "tensor layer.weight is there twice")
    }
}
