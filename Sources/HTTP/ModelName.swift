/// Names by which models are served: letters, digits, `.`, `_` and `-`, perhaps with an owner before a slash.
package enum ModelName {
    /// The rule, for messages.
    package static let rule = "names have letters, digits, '.', '_' and '-', and may have an owner"
    private static let longest = 200

    /// Tells whether a text can be the name of a model.
    package static func isOne(_ name: some StringProtocol) -> Bool {
        let name = Substring(name)
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return name.utf8.count <= longest && parts.count <= 2 && parts.allSatisfy(isPart)
    }

    private static func isPart(_ part: Substring.UTF8View) -> Bool {
        guard !part.isEmpty, !part.elementsEqual(".".utf8), !part.elementsEqual("..".utf8) else { return false }
        return part.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || "._-".utf8.contains(byte)
        }
    }
}
