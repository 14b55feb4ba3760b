import PenstockJSON

/// The fields of a document that are ranked, in the order in which they are read.
///
/// To read documents takes time by their size, however many fields are asked for, and each value is read once.
struct RankFields: Sendable {
    /// The place of each name among them; of a repeated one the first.
    private let places: [[UInt8]: Int]
    private let names: [String]

    init(_ names: [String]) {
        self.names = names
        places = Dictionary(names.enumerated().map { (Array($1.utf8), $0) }) { first, _ in first }
    }

    /// Only the field `text` is ranked.
    var isText: Bool { names == ["text"] }

    /// The texts of the fields, one a line; a single one without its name. Nil for a document that has none of them.
    func text(of document: JSONValue) -> String? {
        var found: [Int: String] = [:]
        for entry in document.object?.entries ?? [] {
            // Of a repeated key the last counts.
            if let place = places[Array(entry.key.utf8)] { found[place] = entry.value.string }
        }
        guard names.count > 1 else { return found[0] }
        let lines = found.sorted { $0.key < $1.key }.map { "\(names[$0.key]): \($0.value)" }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}
