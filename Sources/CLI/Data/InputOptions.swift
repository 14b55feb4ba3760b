import ArgumentParser

/// A format of the file of a data set.
enum InputFormat: String, CaseIterable {
    /// A text on each line.
    case text
    /// A JSON value on each line.
    case jsonl
    /// Values with separators between them, and the names of their columns in the first line.
    case csv

    /// The format that the end of a file's name tells; nil for other ends.
    init?(path: String) {
        switch path.split(separator: ".").last?.lowercased() {
        case "jsonl", "ndjson": self = .jsonl
        case "csv", "tsv": self = .csv
        case "txt", "text": self = .text
        default: return nil
        }
    }
}

/// The options of where `run` takes inputs from.
struct InputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read inputs from a file instead of standard input.", valueName: "file"),
        completion: .file())
    var input: String?

    @Option(
        help: """
            What is read: text, a text on each line; jsonl, a JSON value on each line, the "inputs" of a request; csv, \
            values behind a first line that names their columns. By default what the name of --input ends with, else text.
            """, completion: Choice.completion(InputFormat.self), transform: Choice.named)
    var inputFormat: InputFormat?

    @Flag(help: "The same as --input-format jsonl.")
    var jsonl = false

    @Option(
        name: .customLong("column"),
        help: ArgumentHelp(
            """
            The column of csv, or the field of jsonl, that is the input. Several of them make an object of their names, as \
            question-answering takes it.
            """, valueName: "name"))
    var columns: [String] = []

    @Option(help: "What separates the values of csv: an ASCII character, or tab; by default a comma, in .tsv a tab.")
    var delimiter: Delimiter?

    @Option(help: "Leave out so many inputs at the start: those that were answered before.")
    var skip = 0

    func validate() throws {
        guard skip >= 0 else { throw ValidationError("--skip has to be at least 0.") }
        if jsonl, let inputFormat, inputFormat != .jsonl {
            throw ValidationError("--jsonl and --input-format \(inputFormat.rawValue) exclude each other.")
        }
        if format == .text, !columns.isEmpty {
            throw ValidationError("--column is for csv and jsonl; add --input-format.")
        }
        if let first = columns.first(where: { name in columns.count { $0 == name } > 1 }) {
            throw ValidationError("--column \(first) is there twice.")
        }
        if format != .csv, delimiter != nil { throw ValidationError("--delimiter is for csv.") }
    }

    /// The format that is read.
    var format: InputFormat { jsonl ? .jsonl : inputFormat ?? input.flatMap(InputFormat.init(path:)) ?? .text }

    /// True if inputs come from anywhere but the command line, by what was asked for.
    var isAskedFor: Bool { input != nil || jsonl || inputFormat != nil || skip > 0 }

    /// Opens the file.
    func open() throws(CommandFailure) -> DataInput {
        guard let input, input != "-" else { return .standardInput }
        return try DataInput(path: input)
    }

    /// The splitter that cuts the file into records.
    var splitter: any RecordSplitter {
        guard format == .csv else { return LineSplitter(isJSON: format == .jsonl) }
        let isTabbed = input?.lowercased().hasSuffix(".tsv") == true
        return CSVColumns(columns, delimiter: delimiter?.byte ?? UInt8(ascii: isTabbed ? "\t" : ","))
    }

    /// A function that makes inputs of records.
    var decode: @Sendable (DataRecord) -> InputLine {
        let columns = columns
        return switch format {
        case .text: InputLine.text
        case .jsonl where columns.isEmpty: InputLine.json
        case .jsonl: { InputLine.json($0, fields: columns) }
        case .csv where columns.count < 2: InputLine.text
        case .csv: { InputLine.texts($0, columns: columns) }
        }
    }
}

/// A delimiter, which separates the values of a record.
struct Delimiter: ExpressibleByArgument {
    let byte: UInt8

    init?(argument: String) {
        let text = ["tab", "\\t"].contains(argument) ? "\t" : argument
        guard let byte = text.utf8.first, text.utf8.count == 1, byte < 0x80, !"\"\r\n".utf8.contains(byte) else {
            return nil
        }
        self.byte = byte
    }
}
