import PenstockJSON
import PenstockServing

/// Embeddings as the rows of a NumPy array: a row for each input, of "no number" where there is an error.
///
/// An answer is the base64 of an embedding's bytes. What was written so far is a whole array at any time.
struct NPYWriter: AnswerWriter {
    private let output: DataOutput
    private let element: NPYHeader.Element
    private let report: (String) -> Void
    /// The header that was written; nil before the first embedding.
    private var header: NPYHeader?
    /// Rows that are to be written.
    private var rows: [UInt8] = []
    /// Errors before the first embedding.
    private var leading = 0
    private static let mostBuffered = 1 << 18

    /// - Parameters:
    ///   - skip: inputs that are left out; if the file holds rows, they are theirs
    ///   - report: is told what is wrong with inputs
    init(
        _ output: DataOutput, _ element: NPYHeader.Element, skip: Int, report: @escaping (String) -> Void
    ) throws(CommandFailure) {
        (self.output, self.element, self.report) = (output, element, report)
        guard output.hasPlaces else {
            throw CommandFailure(message: "npy tells at its start how many rows there are; name a file with --output")
        }
        guard output.size > 0 else { return }
        guard let header = NPYHeader(Array(try output.contents().piece().prefix(NPYHeader.size))),
            header.element == element
        else {
            throw CommandFailure(
                message:
                    "\(output.name) is no array of \(element) that this command has written; remove it, or name another "
                    + "file")
        }
        guard header.rows == skip else {
            throw CommandFailure(
                message:
                    "\(output.name) has \(header.rows) rows; go on behind them with --skip \(header.rows), or remove it"
            )
        }
        self.header = header
    }

    mutating func write(_ answer: Result<[UInt8], ErrorBody>) throws(CommandFailure) {
        switch answer {
        case .success(let text): try append(Self.embedding(text))
        case .failure(let error):
            report("row \(row): \(error.message)")
            guard let filler = element.notANumber else {
                throw CommandFailure(
                    message: "row \(row) has an error, and \(element) no number that says so; leave the input out")
            }
            guard let columns = header?.columns else {
                leading += 1
                return
            }
            try append(Array(repeatElement(filler, count: columns).joined()))
        }
    }

    mutating func finish() throws(CommandFailure) {
        if header == nil { header = NPYHeader(element, rows: 0, columns: 0) }
        try flush()
    }

    /// The number of the next row.
    private var row: Int {
        guard let header else { return leading }
        return header.rows + (header.rowBytes > 0 ? rows.count / header.rowBytes : 0)
    }

    private mutating func append(_ bytes: [UInt8]) throws(CommandFailure) {
        if header == nil {
            header = NPYHeader(element, rows: 0, columns: bytes.count / element.bytes)
            if let filler = element.notANumber {
                rows = Array(repeatElement(filler, count: leading * (bytes.count / element.bytes)).joined())
            }
        }
        guard bytes.count == header?.rowBytes else {
            throw CommandFailure(message: "row \(row) has another number of dimensions than those before it")
        }
        rows += bytes
        if rows.count >= Self.mostBuffered { try flush() }
    }

    /// Writes the rows, and then the header that counts them.
    private mutating func flush() throws(CommandFailure) {
        guard var header else { return }
        try output.write(rows, at: NPYHeader.size + header.rows * header.rowBytes)
        if header.rowBytes > 0 { header.rows += rows.count / header.rowBytes }
        try output.write(header.bytes, at: 0)
        (self.header, rows) = (header, [])
    }

    private static func embedding(_ answer: [UInt8]) throws(CommandFailure) -> [UInt8] {
        guard let text = (try? JSONValue(parsing: answer))?.string, let bytes = bytes(ofBase64: text) else {
            throw CommandFailure(
                message: "npy takes one embedding for each input; choose --output-format jsonl for lists")
        }
        return bytes
    }
}
