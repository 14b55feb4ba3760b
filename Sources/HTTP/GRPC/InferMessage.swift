import PenstockJSON
import PenstockProtocolBuffers

/// The message `ModelInferRequest`.
struct InferMessage: RPCRequest {
    /// An `InferInputTensor`.
    struct Tensor: Sendable {
        var name = ""
        var type = ""
        var shape: [JSONValue] = []
        var parameters = JSONObject()
        var contents: TensorContents?
    }

    /// An `InferRequestedOutputTensor`.
    struct Output: Sendable {
        var name = ""
        var parameters = JSONObject()
    }

    private(set) var model = ""
    private(set) var version = ""
    private(set) var id = ""
    private(set) var parameters = JSONObject()
    private(set) var inputs: [Tensor] = []
    private(set) var outputs: [Output] = []
    /// The bytes of all inputs, if any are sent as such.
    private(set) var raw: [ArraySlice<UInt8>] = []

    init(_ message: ArraySlice<UInt8>) throws(WireError) {
        var reader = MessageReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: model = try field.text ?? model
            case 2: version = try field.text ?? version
            case 3: id = try field.text ?? id
            case 4: try parameters.append(parameter: field)
            case 5: if let bytes = field.bytes { inputs.append(try Tensor(bytes)) }
            case 6: if let bytes = field.bytes { outputs.append(try Output(bytes)) }
            case 7: if let bytes = field.bytes { raw.append(bytes) }
            default: break
            }
        }
    }

    static let longest: Int? = nil

    /// Bytes for each value that can be in the message: tensors, their elements and dimensions, parameters.
    private static let bytesPerValue = 64
    /// Values of which a tensor takes the room, without its elements.
    private static let valuesOfTensor = 4

    static func decodedBytes(_ message: ArraySlice<UInt8>) throws(WireError) -> Int {
        var values = 0
        var reader = MessageReader(message)
        while let field = try reader.next() {
            switch (field.number, field.bytes) {
            case (5, let bytes?): values += valuesOfTensor + (try Tensor.values(in: bytes))
            // In a tensor of texts, an empty one has four bytes; these are there once.
            case (7, let bytes?): values += valuesOfTensor + bytes.count / 8
            case (6, let bytes?): values += valuesOfTensor + bytes.count / 2
            default: values += valuesOfTensor
            }
        }
        // Elements of messages are there twice while they are checked.
        return 2 * bytesPerValue * values
    }
}

extension InferMessage.Tensor {
    fileprivate init(_ message: ArraySlice<UInt8>) throws(WireError) {
        var reader = MessageReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try field.text ?? name
            case 2: type = try field.text ?? type
            case 3:
                var shape: [JSONValue] = []
                try field.eachUnsigned { shape.append(.integer(Int(Int64(bitPattern: $0)))) }
                self.shape += shape
            case 4: try parameters.append(parameter: field)
            case 5:
                guard let bytes = field.bytes else { continue }
                // Messages that come in parts are one.
                var contents = contents ?? TensorContents()
                try contents.add(bytes)
                self.contents = contents
            default: break
            }
        }
    }

    /// The most values that a tensor of these bytes can have.
    fileprivate static func values(in message: ArraySlice<UInt8>) throws(WireError) -> Int {
        var values = 0
        var reader = MessageReader(message)
        while let field = try reader.next() {
            switch (field.number, field.bytes) {
            case (3, let bytes?): values += bytes.count
            case (5, let bytes?): values += try TensorContents.values(in: bytes)
            default: values += 2
            }
        }
        return values
    }
}

extension InferMessage.Output {
    fileprivate init(_ message: ArraySlice<UInt8>) throws(WireError) {
        var reader = MessageReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try field.text ?? name
            case 2: try parameters.append(parameter: field)
            default: break
            }
        }
    }
}

extension JSONObject {
    /// Adds an entry of a map of parameters: `InferParameter`, or `ModelRepositoryParameter`, whose bytes have to be a
    /// text.
    mutating func append(parameter field: WireField) throws(WireError) {
        guard let entry = field.bytes else { return }
        var (key, value) = ("", JSONValue.null)
        var reader = MessageReader(entry)
        while let field = try reader.next() {
            switch field.number {
            case 1: key = try field.text ?? key
            case 2: if let bytes = field.bytes { value = try Self.parameter(bytes) ?? value }
            default: break
            }
        }
        append(key, value)
    }

    /// The value of a parameter, of which the last one counts that is given.
    private static func parameter(_ message: ArraySlice<UInt8>) throws(WireError) -> JSONValue? {
        var value: JSONValue?
        var reader = MessageReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: value = field.bool.map(JSONValue.bool) ?? value
            case 2: value = field.signed.map { .integer(Int($0)) } ?? value
            case 3: value = try field.text.map(JSONValue.string) ?? value
            case 4:
                let text = try field.text.map(JSONValue.string)
                value = text ?? field.double.map(JSONValue.double) ?? value
            case 5: value = field.unsigned.map(JSONValue.init(unsigned:)) ?? value
            default: break
            }
        }
        return value
    }
}

extension JSONValue {
    /// An unsigned number; one that no signed one holds is a double to JSON.
    init(unsigned number: UInt64) { self = Int(exactly: number).map(JSONValue.integer) ?? .double(Double(number)) }
}
