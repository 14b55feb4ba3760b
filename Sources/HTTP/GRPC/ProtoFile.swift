import PenstockJSON

/// A file of `protos/`, as reflection tells of it.
struct ProtoFile: Sendable {
    let name: String
    /// The full names of the services that it declares.
    let services: [String]
    /// The full names of all that it declares.
    let symbols: Set<String>
    /// The message `FileDescriptorProto`.
    let descriptor: [UInt8]

    /// - Parameters:
    ///   - symbols: the names with white space between them
    ///   - base64: the message in base64
    init(name: String, services: [String], symbols: String, base64: String) {
        (self.name, self.services) = (name, services)
        self.symbols = Set(symbols.split(whereSeparator: \.isWhitespace).map(String.init))
        descriptor = bytes(ofBase64: base64) ?? []
    }
}
