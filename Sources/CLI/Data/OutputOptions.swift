import ArgumentParser
import PenstockJSON

/// A format that `run` writes.
enum OutputFormat: String, CaseIterable {
    /// A line of JSON for each answer.
    case jsonl
    /// Rows of values.
    case csv
    /// Embeddings as an array of NumPy.
    case npy

    /// The format that the end of a file's name tells; nil for other ends.
    init?(path: String) {
        switch path.split(separator: ".").last?.lowercased() {
        case "jsonl", "ndjson", "json": self = .jsonl
        case "csv": self = .csv
        case "npy": self = .npy
        default: return nil
        }
    }
}

/// The options of where `run` puts answers.
struct OutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write answers to a file instead of standard output; with --skip, behind those that it has.",
            valueName: "file"), completion: .file())
    var output: String?

    @Option(
        help: """
            What is written: jsonl, a line of JSON for each answer; csv, rows with the number of the input; npy, embeddings \
            as the rows of a NumPy array. By default what the name of --output ends with, else jsonl.
            """, completion: Choice.completion(OutputFormat.self), transform: Choice.named)
    var outputFormat: OutputFormat?

    func validate() throws {
        if format == .npy, output == nil { throw ValidationError("npy needs a file; name it with --output.") }
    }

    /// The format that is written.
    var format: OutputFormat { outputFormat ?? output.flatMap(OutputFormat.init(path:)) ?? .jsonl }

    /// Opens the file.
    ///
    /// - Parameters:
    ///   - skip: inputs that are left out
    ///   - parameters: what is asked of the model
    func writer(skip: Int, _ parameters: JSONObject) throws(CommandFailure) -> any AnswerWriter {
        guard let path = output, path != "-" else {
            return format == .csv ? CSVWriter(.standardOutput, skip: skip) : JSONLinesWriter()
        }
        let file = try DataOutput(path: path, isGoingOn: skip > 0)
        switch format {
        case .jsonl: return skip > 0 ? try JSONLinesWriter(resuming: file, skip: skip) : JSONLinesWriter(file)
        case .csv: return skip > 0 ? try CSVWriter(resuming: file, skip: skip) : CSVWriter(file)
        case .npy:
            return try NPYWriter(file, element(parameters), skip: skip) { message in
                LogQueue.standardError.add(Array("penstock: \(message)\n".utf8))
            }
        }
    }

    /// The numbers of embeddings, by the option of the task.
    private func element(_ parameters: JSONObject) -> NPYHeader.Element {
        switch parameters["precision"]?.string {
        case "float16": .float16
        case "int8", "binary": .int8
        case "uint8", "ubinary": .uint8
        default: .float32
        }
    }
}
