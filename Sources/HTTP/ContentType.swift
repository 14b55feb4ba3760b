/// The value of a Content-Type header (RFC 9110, 8.3.1), in lower case.
struct ContentType {
    let type: String
    let subtype: String
    let parameters: [(name: String, value: String)]

    /// Nil for what is no media type.
    init?(_ field: String) {
        var rest = Substring(field).utf8[...]
        func isToken(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
        func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }
        func token() -> String? {
            let token = rest.prefix(while: isToken)
            rest = rest[token.endIndex...]
            return token.isEmpty ? nil : String(Substring(token)).lowercased()
        }
        func skipSpace() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }
        func quoted() -> String? {
            var bytes: [UInt8] = []
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\"") { return String(validating: bytes, as: UTF8.self)?.lowercased() }
                if byte == UInt8(ascii: "\\") {
                    guard let escaped = rest.popFirst() else { return nil }
                    bytes.append(escaped)
                } else {
                    bytes.append(byte)
                }
            }
            return nil
        }
        skipSpace()
        guard let type = token(), take(UInt8(ascii: "/")), let subtype = token() else { return nil }
        var parameters: [(name: String, value: String)] = []
        skipSpace()
        while take(UInt8(ascii: ";")) {
            skipSpace()
            guard let name = token() else { continue }
            guard take(UInt8(ascii: "=")) else { return nil }
            guard let value = take(UInt8(ascii: "\"")) ? quoted() : token() else { return nil }
            parameters.append((name, value))
            skipSpace()
        }
        guard rest.isEmpty else { return nil }
        (self.type, self.subtype, self.parameters) = (type, subtype, parameters)
    }
}
