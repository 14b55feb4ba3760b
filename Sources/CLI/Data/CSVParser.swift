/// Cuts bytes into the records of a file of separated values (RFC 4180), with the leniency of Python's `csv`: records also
/// end with a carriage return or a line feed alone, a quote in a field that did not begin with one is a character like
/// others, and so is what follows the closing quote. Empty lines are no records, and a byte order mark is left out.
package struct CSVParser: Sendable {
    /// The fields of a record and the bytes that it takes.
    package typealias Record = (fields: [[UInt8]], bytes: Int)

    private enum State {
        case startOfField
        case plain
        case quoted
        /// Behind a quote within quotes: another one makes it a character, anything else ends the quotes.
        case quoteWithinQuotes
    }

    private let delimiter: UInt8
    private var state = State.startOfField
    private var field: [UInt8] = []
    private var fields: [[UInt8]] = []
    /// Bytes of the record so far.
    private var bytes = 0
    /// True if the record has a quote: an empty field in quotes is a record, an empty line is none.
    private var hasQuotes = false
    /// True if the last byte was a carriage return that ended a record.
    private var isAfterReturn = false
    /// The first bytes, as long as they are too few to be a byte order mark; nil when that is known.
    private var start: [UInt8]? = []
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// Lines so far, and the line in which the last quoted field began.
    private var (line, lineOfQuote) = (1, 1)

    package init(delimiter: UInt8 = UInt8(ascii: ",")) { self.delimiter = delimiter }

    /// True if the bytes so far end with a record.
    var isBetweenRecords: Bool { state == .startOfField && fields.isEmpty && start == nil }

    /// Takes bytes. Returns the records that are complete by now.
    ///
    /// - Throws: ``DataError`` for a record that is too long.
    package mutating func take(_ chunk: [UInt8], longestRecord: Int = .max) throws(DataError) -> [Record] {
        var records: [Record] = []
        for byte in behindByteOrderMark(chunk) { add(byte, to: &records) }
        guard bytes <= longestRecord else {
            throw DataError(
                "a record has more than \(longestRecord >> 20) MiB; the quotes of line \(lineOfQuote) may have no end")
        }
        return records
    }

    /// Takes note that no more bytes come. Returns the record that was not complete before, if there is one.
    ///
    /// - Throws: ``DataError`` if the bytes end within quotes.
    package mutating func finish() throws(DataError) -> [Record] {
        var records: [Record] = []
        for byte in start ?? [] { add(byte, to: &records) }
        guard state != .quoted else {
            throw DataError("the file ends within the quotes that began in line \(lineOfQuote)")
        }
        endRecord(&records)
        return records
    }

    private mutating func behindByteOrderMark(_ chunk: [UInt8]) -> [UInt8] {
        guard let start else { return chunk }
        let bytes = start + chunk
        guard bytes.count >= Self.byteOrderMark.count else {
            self.start = bytes
            return []
        }
        self.start = nil
        return bytes.starts(with: Self.byteOrderMark) ? Array(bytes.dropFirst(Self.byteOrderMark.count)) : bytes
    }

    private mutating func add(_ byte: UInt8, to records: inout [Record]) {
        let isFeedOfReturn = isAfterReturn && byte == UInt8(ascii: "\n")
        isAfterReturn = false
        if isFeedOfReturn { return }
        bytes += 1
        if byte == UInt8(ascii: "\n") { line += 1 }
        switch (state, byte) {
        case (.quoted, UInt8(ascii: "\"")): state = .quoteWithinQuotes
        case (.quoted, _): field.append(byte)
        case (.startOfField, UInt8(ascii: "\"")):
            (state, hasQuotes, lineOfQuote) = (.quoted, true, line)
        case (.quoteWithinQuotes, UInt8(ascii: "\"")):
            field.append(byte)
            state = .quoted
        case (_, delimiter): endField()
        case (_, UInt8(ascii: "\n")): endRecord(&records)
        case (_, UInt8(ascii: "\r")):
            line += 1
            isAfterReturn = true
            endRecord(&records)
        default:
            field.append(byte)
            state = .plain
        }
    }

    private mutating func endField() {
        fields.append(field)
        (field, state) = ([], .startOfField)
    }

    private mutating func endRecord(_ records: inout [Record]) {
        let isEmpty = fields.isEmpty && field.isEmpty && !hasQuotes
        endField()
        if !isEmpty {
            records.append((fields, bytes))
            bytes = 0
        }
        (fields, hasQuotes) = ([], false)
    }
}
