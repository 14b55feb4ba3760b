import PenstockJSON
import PenstockServing

/// Rows of separated values (RFC 4180, with line feeds): `index`, the number of the input from 0; the fields of the
/// answer; and `error`.
///
/// The answer gives a row, or if it is a list of objects, a row for each; what is neither is in a column `answer`. The first
/// answer says which columns there are. What nests deeper is JSON in its cell.
struct CSVWriter: AnswerWriter {
    private let output: DataOutput
    private var index: Int
    /// The names of the columns of answers; nil before the first.
    private var columns: [String]?
    /// Inputs before the first answer that has fields: errors, or nothing for an answer without fields.
    private var leading: [(index: Int, message: String)] = []
    /// Inputs at the start beyond which none is likely to have an answer with fields.
    private static let mostLeading = 1000

    /// - Parameter skip: inputs that are left out
    init(_ output: DataOutput, skip: Int = 0) { (self.output, index) = (output, skip) }

    /// Goes on behind rows that are there: those of as many inputs as are left out.
    init(resuming output: DataOutput, skip: Int) throws(CommandFailure) {
        self.init(output, skip: skip)
        guard output.size > 0 else { return }
        var parser = CSVParser()
        var (header, last): ([String]?, [UInt8]) = (nil, [])
        try output.contents().forEachPiece { piece throws(CommandFailure) in
            do throws(DataError) {
                for record in try parser.take(piece, longestRecord: .max) {
                    if header == nil { header = record.fields.map { String(decoding: $0, as: UTF8.self) } }
                    last = record.fields.first ?? []
                }
            } catch {
                throw CommandFailure(message: "cannot read \(output.name): \(error)")
            }
        }
        let names = header ?? []
        guard names.count >= 2, names.first == Self.indexName, names.last == Self.errorName, parser.isBetweenRecords
        else {
            throw CommandFailure(
                message:
                    "\(output.name) does not end with a whole row of answers, so that nothing can go on behind it; "
                    + "remove it, or name another file")
        }
        let done = Int(String(decoding: last, as: UTF8.self)).map { $0 + 1 } ?? 0
        guard done == skip else {
            throw CommandFailure(
                message: "\(output.name) has the answers to \(done) inputs; go on with --skip \(done), or remove it")
        }
        columns = Array(names.dropFirst().dropLast())
        try output.cut(to: output.size)
    }

    private static let indexName = "index"
    private static let errorName = "error"
    private static let answerName = "answer"

    mutating func write(_ answer: Result<[UInt8], ErrorBody>) throws(CommandFailure) {
        defer { index += 1 }
        switch answer {
        case .success(let text):
            guard let value = try? JSONValue(parsing: text) else { preconditionFailure("an answer is JSON") }
            try write(Self.rows(of: value))
        case .failure(let error) where columns == nil: try wait(error.message)
        case .failure(let error): try writeError(error.message, at: index)
        }
    }

    private mutating func wait(_ message: String) throws(CommandFailure) {
        leading.append((index, message))
        guard leading.count <= Self.mostLeading else {
            throw CommandFailure(
                message: "none of the first \(leading.count) inputs gives rows of csv: \(leading[0].message); "
                    + "choose --output-format jsonl")
        }
    }

    mutating func finish() throws(CommandFailure) {
        if columns == nil, !leading.isEmpty { try begin([]) }
    }

    /// Writes the names of the columns, and what waits for them.
    private mutating func begin(_ names: [String]) throws(CommandFailure) {
        columns = names
        try writeRow([Self.indexName] + names + [Self.errorName])
        for error in leading { try writeError(error.message, at: error.index) }
        leading = []
    }

    private mutating func write(_ rows: [JSONObject]) throws(CommandFailure) {
        if columns == nil {
            guard let first = rows.first, !first.entries.isEmpty else { return try wait("") }
            try begin(first.entries.map(\.key))
        }
        let columns = columns ?? []
        var bytes: [UInt8] = []
        for row in rows {
            if let other = row.entries.first(where: { !columns.contains($0.key) }) {
                throw CommandFailure(
                    message:
                        "the answer to input \(index) has a field \(other.key.shown), for which there is no column; "
                        + "choose --output-format jsonl")
            }
            bytes += Self.row(["\(index)"] + columns.map { Self.cell(row[$0] ?? .null) } + [""])
        }
        try output.write(bytes)
    }

    private func writeError(_ message: String, at index: Int) throws(CommandFailure) {
        try writeRow(["\(index)"] + (columns ?? []).map { _ in "" } + [message])
    }

    private func writeRow(_ cells: [String]) throws(CommandFailure) { try output.write(Self.row(cells)) }

    /// The rows of an answer, at least one.
    private static func rows(of answer: JSONValue) -> [JSONObject] {
        if let object = answer.object { return [object] }
        let objects = answer.array?.compactMap(\.object) ?? []
        if let array = answer.array, objects.count == array.count {
            // No entity is an answer, too.
            return objects.isEmpty ? [JSONObject()] : objects
        }
        return [JSONObject([(answerName, answer)])]
    }

    private static func cell(_ value: JSONValue) -> String {
        switch value {
        case .null: return ""
        case .string(let text): return text
        case .bool, .integer, .double, .array, .object:
            var writer = JSONWriter()
            writer.value(value)
            return String(decoding: writer.finish(), as: UTF8.self)
        }
    }

    private static func row(_ cells: [String]) -> [UInt8] {
        Array((cells.map(quoted).joined(separator: ",") + "\n").utf8)
    }

    private static func quoted(_ cell: String) -> String {
        let bytes = cell.utf8
        guard bytes.contains(where: { "\",\r\n".utf8.contains($0) }) || bytes.first == 0x20 || bytes.last == 0x20 else {
            return cell
        }
        let doubled = bytes.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] }
        return "\"\(String(decoding: doubled, as: UTF8.self))\""
    }
}
