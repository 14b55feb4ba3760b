import PenstockJSON
import PenstockProtocolBuffers

/// A message without fields, or of which none matters.
struct NoFields: RPCRequest {
    init(_ message: ArraySlice<UInt8>) throws(WireError) {
        var reader = MessageReader(message)
        while try reader.next() != nil {}
    }

    static func decodedBytes(_ message: ArraySlice<UInt8>) throws(WireError) -> Int { 0 }
}

/// The messages `ModelReadyRequest`, `ModelMetadataRequest`, `ModelConfigRequest` and `ModelStatisticsRequest`.
struct NamedModel: RPCRequest {
    /// Empty for all, where that is possible.
    var name = ""
    /// Empty for any.
    var version = ""

    init(_ message: ArraySlice<UInt8>) throws(WireError) {
        var reader = MessageReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try field.text ?? name
            case 2: version = try field.text ?? version
            default: break
            }
        }
    }
}

/// The message `RepositoryIndexRequest`.
struct RepositoryIndex: RPCRequest {
    var onlyReady = false

    init(_ message: ArraySlice<UInt8>) throws(WireError) {
        var reader = MessageReader(message)
        while let field = try reader.next() {
            if field.number == 2 { onlyReady = field.bool ?? onlyReady }
        }
    }
}

/// The messages `RepositoryModelLoadRequest` and `RepositoryModelUnloadRequest`.
struct RepositoryModel: RPCRequest {
    /// Parameters may be as long as those of the route.
    static let longest: Int? = nil

    var name = ""
    var parameters = JSONObject()

    init(_ message: ArraySlice<UInt8>) throws(WireError) {
        var reader = MessageReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 2: name = try field.text ?? name
            case 3: try parameters.append(parameter: field)
            default: break
            }
        }
    }
}
