import ArgumentParser
import PenstockCheckpoints
import PenstockFiles
import PenstockHub
import PenstockJSON
import PenstockPipelines
import PenstockTokenizers

struct Tokenize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Show the tokens of texts.",
        discussion: """
            Texts come from the command line, or else from standard input, one per line. Each is answered with a table of its \
            ids, tokens and offsets, in Unicode scalars; a text that cannot be answered with {"error": …}, and the exit \
            status is then 1.

            Examples:

              penstock tokenize google-bert/bert-base-uncased "a photo"
              penstock tokenize google-bert/bert-base-uncased --json < texts.txt
              penstock tokenize google-bert/bert-base-uncased --decode "2 5 3"
            """)

    @Argument(help: ModelHelp.argument, completion: ModelHelp.completion)
    var model: String

    @OptionGroup var wish: GGUFOption

    @Flag(help: "Add no special tokens; with --decode, leave them out.")
    var noSpecial = false

    @Flag(help: "Answer with a line of JSON.")
    var json = false

    @Flag(help: "Read a JSON value per line of standard input: a text, or a pair [\"a\", \"b\"].")
    var jsonl = false

    @Flag(help: "Read ids, as numbers, a JSON array or what --json writes, and answer with their text.")
    var decode = false

    @Argument(help: "Texts to tokenize, or ids to decode.")
    var texts: [String] = []

    func validate() throws {
        if jsonl, !texts.isEmpty { throw ValidationError("--jsonl reads standard input; it takes no texts.") }
    }

    func run() async throws {
        let directory = try await ModelLocation(model).resolve(for: .tokenizer, gguf: wish.gguf) {
            ProgressDisplay.ofProcess
        }
        guard try FileStatus.ifPresent(directory) != nil else {
            throw CheckpointError(.unreadableFile, file: directory, Checkpoint.missing)
        }
        let answer = answer(with: try Tokenizer(model: directory))
        let session = LineSession { input, _ in try answer(input) }
        let isComplete =
            if texts.isEmpty {
                try await session.answer(
                    await RecordSource(.standardInput, LineSplitter(isJSON: jsonl)),
                    jsonl ? InputLine.json : InputLine.text)
            } else {
                try await session.answer(texts)
            }
        if !isComplete { throw CommandFailure(message: nil) }
    }

    private func answer(with tokenizer: Tokenizer) -> @Sendable (JSONValue) throws -> [UInt8] {
        let tokenization = Tokenization(tokenizer)
        let (noSpecial, json) = (noSpecial, json)
        if decode {
            return { input in
                let text = tokenizer.decode(try IDs(input).ids, skipSpecialTokens: noSpecial)
                guard json else { return Array(text.utf8) }
                var writer = JSONWriter()
                writer.value(text)
                return writer.finish()
            }
        }
        return { input in
            let encoding = try tokenization.encode(Tokenization.input(input), addSpecialTokens: !noSpecial)
            guard json else { return TokenTable.lines(encoding, tokenizer.tokens(of: encoding)) }
            var writer = JSONWriter(capacity: 64 + encoding.count * 48)
            tokenization.write(encoding, into: &writer)
            return writer.finish()
        }
    }
}

/// Ids to decode.
private struct IDs {
    let ids: [Int32]

    /// Reads an array of ids, an object with `ids`, or a text that is either or has numbers with white space or commas
    /// between them.
    init(_ input: JSONValue) throws(PipelineError) {
        switch input {
        case .string(let text):
            let numbers = text.split { $0.isWhitespace || $0 == "," }.map { Int32($0) }
            if numbers.contains(nil), let value = try? JSONValue(parsing: text.utf8), value.string == nil {
                self = try IDs(value)
            } else {
                ids = try Self.all(numbers)
            }
        case .array(let elements): ids = try Self.all(elements.map { $0.integer.flatMap(Int32.init(exactly:)) })
        case .object(let object) where object["ids"]?.array != nil: self = try IDs(object["ids"] ?? .null)
        default: throw Self.mismatch
        }
    }

    private static func all(_ ids: [Int32?]) throws(PipelineError) -> [Int32] {
        let valid = ids.compactMap { $0 }
        guard valid.count == ids.count else { throw mismatch }
        return valid
    }

    private static var mismatch: PipelineError {
        PipelineError(.invalidInputs, "the input has to be ids: numbers of 32 bits, or a JSON array of them")
    }
}
