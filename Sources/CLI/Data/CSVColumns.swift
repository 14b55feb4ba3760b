import PenstockJSON

/// Cuts a file of separated values into its records, and each into the fields of the columns that are read.
struct CSVColumns: RecordSplitter {
    private var parser: CSVParser
    private let columns: [String]
    /// The places of the columns in a record; nil before the first line, which names them.
    private var indices: [Int]?

    /// - Parameter columns: names in the first line, or numbers from 1; none for the only column
    init(_ columns: [String], delimiter: UInt8) {
        (self.columns, parser) = (columns, CSVParser(delimiter: delimiter))
    }

    mutating func take(_ bytes: [UInt8]) throws(DataError) -> [DataRecord] {
        try chosen(parser.take(bytes, longestRecord: Self.longestRecord))
    }

    mutating func finish() throws(DataError) -> [DataRecord] { try chosen(parser.finish()) }

    private mutating func chosen(_ records: [CSVParser.Record]) throws(DataError) -> [DataRecord] {
        var records = records[...]
        if indices == nil, let first = records.popFirst() { indices = try indices(in: first.fields) }
        guard let indices else { return [] }
        // A record that is too short has no fields, which is for whoever answers it to tell.
        return records.map { record in
            let isWhole = indices.allSatisfy(record.fields.indices.contains)
            return DataRecord(fields: isWhole ? indices.map { record.fields[$0] } : [], bytes: record.bytes)
        }
    }

    private func indices(in header: [[UInt8]]) throws(DataError) -> [Int] {
        let names = header.map { String(decoding: $0, as: UTF8.self) }
        guard !columns.isEmpty else {
            guard names.count == 1 else {
                throw DataError("the first line names \(names.count) columns; choose by --column: \(Self.list(names))")
            }
            return [0]
        }
        var indices: [Int] = []
        for column in columns {
            if let index = names.firstIndex(of: column) {
                indices.append(index)
            } else if let number = Int(column), (1...names.count).contains(number) {
                indices.append(number - 1)
            } else {
                throw DataError(
                    "the first line names no column \(column.shown), but: \(Self.list(names))"
                        + NearNames.question(column, among: names))
            }
        }
        return indices
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(20).map(\.shown).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    }
}
