/// Facts for people: a line for each, with its name before it.
struct FactSheet {
    private var facts: [(name: String, text: String)] = []

    /// Adds a fact; nil is none.
    mutating func add(_ name: String, _ text: String?) {
        if let text { facts.append((name, text)) }
    }

    /// The lines, with the texts below each other.
    var lines: [UInt8] {
        let width = facts.map(\.name.count).max() ?? 0
        let lines = facts.map { name, text in
            Ink.bold(name) + String(repeating: " ", count: width - name.count + 2) + text + "\n"
        }
        return Array(lines.joined().utf8)
    }
}

extension Int {
    /// The number with commas between thousands.
    var grouped: String {
        let digits = Array("\(magnitude)")
        let groups = stride(from: digits.count, to: 0, by: -3).map { String(digits[Swift.max(0, $0 - 3)..<$0]) }
        return (self < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
    }
}
