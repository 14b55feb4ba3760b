import Foundation
import PenstockJSON
import PenstockTestSupport
import Testing

/// `run` from files to files.
@Suite(.blocking) struct DataSetTests {
    private let directory: TemporaryDirectory
    private let masks = Fixtures.checkpoint("bert-tiny")
    private let labels = Fixtures.checkpoint("bert-sequence")
    private let sentences = Fixtures.checkpoint("st-mean")

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String) -> String { "\(directory.path)/\(name)" }

    private func text(_ name: String) throws -> String { String(decoding: try directory.read(name), as: UTF8.self) }

    private func run(_ arguments: [String], input: String = "") throws -> Command {
        try Command.run(["run"] + arguments, input: input)
    }

    // MARK: Inputs

    @Test func everyFormatOfInputsGivesTheSameAnswers() throws {
        let texts = ["a [MASK]", "b, \"c\" [MASK]", " [MASK] the"]
        try directory.write("a.txt", texts.joined(separator: "\n").utf8)
        let quoted = texts.map { $0.replacingOccurrences(of: "\"", with: "\"\"") }
        try directory.write("a.csv", ("id,text\r\n" + quoted.map { "7,\"\($0)\"\r\n" }.joined()).utf8)
        try directory.write("a.tsv", ("id\ttext\n" + quoted.map { "7\t\"\($0)\"\n" }.joined()).utf8)
        let objects = try texts.map { text in
            String(decoding: try JSONSerialization.data(withJSONObject: ["text": text, "id": 7]), as: UTF8.self)
        }
        try directory.write("a.jsonl", objects.joined(separator: "\n").utf8)
        let expected = try run([masks] + texts)
        #expect(expected.status == 0 && expected.lines.count == 3)
        for arguments in [
            ["a.txt"], ["a.csv", "--column", "text"], ["a.csv", "--column", "2"], ["a.tsv", "--column", "text"],
            ["a.jsonl", "--column", "text"],
        ] {
            let result = try run([masks, "--input", path(arguments[0])] + arguments.dropFirst())
            #expect(result.output == expected.output, "\(arguments) \(result.errors)")
        }
        let piped = try run(
            [masks, "--input-format", "csv", "--column", "t", "--delimiter", ";"], input: "t;u\na [MASK];1\n")
        #expect(piped.lines == [expected.lines[0]])
    }

    @Test func severalColumnsMakeAnObject() throws {
        let answers = Fixtures.checkpoint("span-bert")
        let expected = try run(
            [answers, "--jsonl"], input: #"{"question": "who is it?", "context": "it is the cat"}"#)
        #expect(expected.status == 0)
        let result = try run(
            [answers, "--input-format", "csv", "--column", "question", "--column", "context"],
            input: "context,question\nit is the cat,who is it?\n")
        #expect(result.output == expected.output, "\(result.errors)")
    }

    @Test(
        arguments: [
            (["--input-format", "csv"], "a,b\n1,2\n", 1, "choose by --column: a, b"),
            (["--input-format", "csv", "--column", "tetx"], "text,b\n1,2\n", 1, "did you mean text?"),
            (["--input-format", "csv", "--column", "a"], "a\n\"b", 1, "line 2"),
            (["--column", "a"], "", 2, "--input-format"), (["--skip", "-1"], "", 2, "--skip"),
            (["--skip", "3"], "a\nb", 1, "standard input has 2 inputs"),
            (["--delimiter", "ab"], "", 2, "--delimiter"), (["--input", "/no/such/file"], "", 1, "No such file"),
            (["--output", "/no/such/file"], "", 1, "No such file"), (["--output-format", "npy"], "", 2, "--output"),
            (["--skip", "1", "a text"], "", 2, "command line"),
            (["--input-format", "cvs"], "", 2, "did you mean csv?"),
        ] as [([String], String, Int32, String)])
    func saysWhatIsWrong(arguments: [String], input: String, status: Int32, mention: String) throws {
        let result = try run([masks] + arguments, input: input)
        #expect(result.status == status && result.errors.contains(mention), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test func linesOfJSONMayBeEmptyAndBeginWithAMark() throws {
        let result = try run([masks, "--jsonl"], input: "\u{FEFF}\"a [MASK]\"\n\n \t\r\n\"b [MASK]\"\n\n")
        #expect(result.status == 0 && result.lines.count == 2, "\(result.lines)")
    }

    @Test func aMarkIsNoPartOfTheFirstText() throws {
        let expected = try run([masks], input: "a [MASK]\n\u{FEFF}b [MASK]\n")
        let result = try run([masks], input: "\u{FEFF}a [MASK]\n\u{FEFF}b [MASK]\n")
        #expect(result.status == 0 && result.lines.count == 2 && result.output == expected.output)
        let empty = try run([masks], input: "\u{FEFF}")
        #expect(empty.status == 0 && empty.output.isEmpty, "\(empty.errors)")
    }

    @Test func aRecordOrLineWithoutTheFieldIsAnError() throws {
        let csv = try run([masks, "--input-format", "csv", "--column", "b"], input: "a,b\n1\n2,a [MASK]\n")
        #expect(csv.status == 1 && csv.lines.count == 2 && csv.lines[0].contains("missing_field"))
        let lines = try run([masks, "--jsonl", "--column", "b"], input: "{\"a\": 1}\n3\n{\"b\": \"a [MASK]\"}\n")
        #expect(lines.status == 1 && lines.lines.count == 3 && lines.lines[1].contains("missing_field"))
        #expect(lines.lines[2] == csv.lines[1])
    }

    @Test(arguments: [
        (#"{"precision": "float64"}"#, "precision"), (#"{"precision": "int8"}"#, "ranges"),
        (#"{"precison": "int8"}"#, "did you mean precision?"),
    ])
    func aParameterThatIsWrongForAllInputsIsOneError(parameters: String, mention: String) throws {
        let result = try run([sentences, "--parameters", parameters], input: "a\nb\n")
        #expect(result.status == 2 && result.output.isEmpty)
        #expect(result.errors.contains(mention), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }

    // MARK: Outputs

    @Test func rowsOfAnswers() throws {
        let result = try run([labels, "--output-format", "csv"], input: "the cat\na\n")
        #expect(result.status == 0)
        #expect(result.lines.first == "index,label,score,error")
        let direct = try run([labels], input: "the cat\na\n")
        for (number, (row, line)) in zip(result.lines.dropFirst(), direct.lines).enumerated() {
            let value = try JSONValue(parsing: line.utf8)
            let answer = try #require(value.array?.first ?? value)
            let cells = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            #expect(cells.count == 4 && cells[0] == "\(number)" && cells[3].isEmpty)
            #expect(cells[1] == answer["label"]?.string)
            #expect(Double(cells[2]) == answer["score"]?.double)
        }
    }

    @Test func errorsWaitForTheNamesOfTheColumns() throws {
        let result = try run(
            [masks, "--output-format", "csv", "--parameters", #"{"top_k": 2}"#],
            input: "no mask\na [MASK]\nnone, \"too\"\n")
        #expect(result.status == 1)
        #expect(result.lines.count == 5, "\(result.lines)")
        #expect(result.lines[0] == "index,score,token,token_str,sequence,error")
        #expect(result.lines[1].hasPrefix("0,,,,,"))
        #expect(result.lines[2].hasPrefix("1,") && result.lines[3].hasPrefix("1,") && result.lines[4].hasPrefix("2,"))
        let allWrong = try run([masks, "--output-format", "csv"], input: "no mask\n")
        #expect(allWrong.lines.first == "index,error" && allWrong.lines.count == 2)
    }

    /// The array as NumPy reads it, and rows of "no number" for what cannot be embedded.
    @Test func embeddingsAsAnArray() throws {
        let texts = ["the cat", "a", "\u{FF}b"]
        let direct = try run([sentences] + texts)
        let expected = try direct.lines.map { line in
            try #require(try JSONValue(parsing: line.utf8).array).compactMap { $0.double.map(Float.init) }
        }
        try directory.write("a.txt", Array("the cat\na\n".utf8) + [0xFF, 0x0A] + Array("\u{FF}b\n".utf8))
        let result = try run([sentences, "--input", path("a.txt"), "--output", path("a.npy")])
        #expect(result.status == 1 && result.errors.contains("row 2: the line is not UTF-8"), "\(result.errors)")
        let rows = try Self.array(directory.read("a.npy"))
        #expect(rows.count == 4)
        #expect(rows[0] == expected[0] && rows[1] == expected[1] && rows[3] == expected[2])
        #expect(rows[2].allSatisfy { $0.isNaN })
    }

    @Test func aTaskWithoutEmbeddingsGivesNoArray() throws {
        let result = try run([masks, "--output", path("a.npy")], input: "a [MASK]")
        #expect(result.status == 1 && result.errors.contains("sentence-similarity"))
    }

    /// The numbers of a NumPy file, which the test reads by the header's own words.
    private static func array(_ bytes: [UInt8]) throws -> [[Float]] {
        #expect(bytes.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]))
        let length = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
        #expect(length.isMultiple(of: 64) && bytes[length - 1] == 0x0A)
        let header = String(decoding: bytes[10..<length], as: UTF8.self)
        #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': ("))
        let shape = try #require(header.split(separator: "(").last).split { !$0.isNumber }.compactMap { Int($0) }
        let (count, width) = (try #require(shape.first), try #require(shape.last))
        #expect(bytes.count == length + 4 * count * width)
        return (0..<count).map { row in
            (0..<width).map { column in
                let start = length + 4 * (row * width + column)
                let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
                return Float(bitPattern: bits)
            }
        }
    }

    // MARK: Going on

    @Test(arguments: ["jsonl", "csv", "npy"])
    func whatWasBrokenOffGoesOn(format: String) throws {
        try directory.write("a.txt", (0..<7).map { "the cat \($0) [MASK]\n" }.joined().utf8)
        try directory.write("b.txt", (0..<3).map { "the cat \($0) [MASK]\n" }.joined().utf8)
        let model = format == "npy" ? sentences : masks
        let (whole, part) = (path("whole.\(format)"), path("part.\(format)"))
        #expect(try run([model, "--input", path("a.txt"), "--output", whole]).status == 0)
        #expect(try run([model, "--input", path("b.txt"), "--output", part]).status == 0)
        let tooMany = try run([model, "--input", path("a.txt"), "--output", part, "--skip", "4"])
        #expect(tooMany.status == 1 && tooMany.errors.contains("--skip 3"), "\(tooMany.errors)")
        let again = try run([model, "--input", path("a.txt"), "--output", part])
        #expect(again.status == 1 && again.errors.contains("--skip"))
        #expect(try run([model, "--input", path("a.txt"), "--output", part, "--skip", "3"]).status == 0)
        #expect(try directory.read("part.\(format)") == directory.read("whole.\(format)"))
    }

    @Test func aLineThatWasBrokenOffIsCut() throws {
        try directory.write("a.txt", "a [MASK]\nb [MASK]\n".utf8)
        #expect(try run([masks, "--input", path("a.txt"), "--output", path("a.jsonl")]).status == 0)
        let whole = try directory.read("a.jsonl")
        try directory.write("a.jsonl", whole.dropLast(5))
        #expect(try run([masks, "--input", path("a.txt"), "--output", path("a.jsonl"), "--skip", "1"]).status == 0)
        #expect(try directory.read("a.jsonl") == whole)
    }
}
