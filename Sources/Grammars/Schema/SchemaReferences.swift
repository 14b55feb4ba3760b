import PenstockJSON

/// Finds the schemas that references of a document point at.
struct SchemaReferences: Sendable {
    let document: JSONValue

    /// The schema that a reference points at.
    ///
    /// - Parameters:
    ///   - reference: `#`, or `#/` and a JSON pointer
    ///   - place: of the reference
    func schema(_ reference: String, at place: String) throws(GrammarError) -> JSONValue {
        guard reference.hasPrefix("#") else {
            throw GrammarError("\(reference.shown): only references within the schema are supported", at: place)
        }
        guard let pointer = Self.percentDecoded(reference.utf8.dropFirst()) else {
            throw GrammarError("\(reference.shown) is malformed", at: place)
        }
        guard pointer.isEmpty || pointer.first == UInt8(ascii: "/") else {
            throw GrammarError("\(reference.shown): anchors are not supported; use a JSON pointer", at: place)
        }
        var value = document
        for part in pointer.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst() {
            let name = String(decoding: Self.unescaped(part), as: UTF8.self)
            let next = value.array.map { list in Int(name).flatMap { list.indices.contains($0) ? list[$0] : nil } }
            guard let found = next ?? value[name] else {
                throw GrammarError("\(reference.shown) points at nothing", at: place)
            }
            value = found
        }
        return value
    }

    private static func unescaped(_ part: ArraySlice<UInt8>) -> [UInt8] {
        var (result, isEscape) = ([UInt8](), false)
        for byte in part {
            if isEscape {
                result.append(byte == UInt8(ascii: "1") ? UInt8(ascii: "/") : UInt8(ascii: "~"))
                isEscape = false
            } else if byte == UInt8(ascii: "~") {
                isEscape = true
            } else {
                result.append(byte)
            }
        }
        return result
    }

    private static func percentDecoded(_ bytes: Substring.UTF8View) -> [UInt8]? {
        var (result, rest) = ([UInt8](), bytes[...])
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2,
                digits.utf8.allSatisfy(ByteSet.hexadecimal.contains), let value = UInt8(digits, radix: 16)
            else { return nil }
            result.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: result, as: UTF8.self) == nil ? nil : result
    }
}
