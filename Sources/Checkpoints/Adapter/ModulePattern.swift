/// A key of `rank_pattern` and `alpha_pattern`: a regular expression that `peft` matches with the end of a module's
/// path, `(.*\.)?(key)$`. Only names are supported, in which a dot stands for any character, and `^` in front of them
/// for the beginning of the path.
struct ModulePattern: Sendable {
    private let name: [UInt8]
    private let isWhole: Bool

    /// Nil for other regular expressions.
    init?(_ text: String) {
        isWhole = text.utf8.first == UInt8(ascii: "^")
        name = Array(isWhole ? text.utf8.dropFirst() : text.utf8[...])
        let isName = name.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
        guard isName, !name.isEmpty else { return nil }
    }

    /// Returns true if the path ends with the name, as a whole part or several.
    func matches(_ module: String) -> Bool {
        let module = Array(module.utf8)
        guard module.count >= name.count else { return false }
        let start = module.count - name.count
        guard start == 0 || !isWhole && module[start - 1] == UInt8(ascii: ".") else { return false }
        return zip(module[start...], name).allSatisfy { $0 == $1 || $1 == UInt8(ascii: ".") }
    }
}
