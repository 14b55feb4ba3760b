import Foundation
import PenstockTokenizers
import Testing

/// Files that are not what their names say, and what upstream reads in them.
@Suite struct FileTests {
    private static let names = [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "spiece.model",
    ]

    private static func error(in directory: String) -> TokenizerError? {
        do {
            _ = try Tokenizer(directory: directory)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: names)
    func linksToNowhere(name: String) throws {
        let directory = try TemporaryDirectory()
        if name.hasPrefix("special") || name.hasSuffix("config.json") {
            try directory.write(ConfigurationTests.small, as: "tokenizer.json")
        }
        let path = "\(directory.path)/\(name)"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "nowhere")
        let error = try #require(Self.error(in: directory.path))
        #expect(error.code == .unreadable)
        #expect(error.message == "\(path): is a symbolic link to what is not there: No such file or directory")
    }

    @Test func pipesAndDirectories() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/tokenizer.json"
        try #require(mkfifo(path, 0o600) == 0)
        #expect(Self.error(in: directory.path)?.message == "\(path): is not a regular file but a pipe")
        unlink(path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(Self.error(in: directory.path)?.message == "\(path): is not a regular file but a directory")
    }

    @Test func pointersOfLFS() throws {
        let directory = try TemporaryDirectory()
        try directory.write("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", as: "tokenizer.json")
        #expect(Self.error(in: directory.path)?.message.contains("is a Git LFS pointer: fetch the file") == true)
    }

    @Test func byteOrderMarks() throws {
        let tokenizer = try ConfigurationTests.tokenizer(
            "\u{FEFF}" + ConfigurationTests.small, ["tokenizer_config.json": "\u{FEFF}{\"model_max_length\": 7}"])
        #expect(tokenizer.configuration.modelMaxLength == 7)
    }

    @Test(arguments: ["Infinity", "NaN", "1e30", "1e400"])
    func limitsThatAreNone(number: String) throws {
        let tokenizer = try ConfigurationTests.tokenizer(
            ConfigurationTests.small, ["tokenizer_config.json": "{\"model_max_length\": \(number)}"])
        #expect(tokenizer.configuration.modelMaxLength == nil)
    }

    /// White space at the end of a line of vocab.txt is no part of the token; of equal tokens the later id wins.
    @Test func linesOfVocabularies() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nsky \nriver\t\nsea\u{3000}\u{85}\r\nsky\nred\n", as: "vocab.txt")
        let tokenizer = try Tokenizer(directory: directory.path)
        #expect(try tokenizer.encode("sky river sea red").ids == [2, 8, 6, 7, 9, 3])
    }

    /// The scores of tokenizer.json are read as upstream reads them, where the last bit decides between equal sums.
    @Test func scores() throws {
        // Exactly, two pieces of "x" are worth as much as "xx", which then stays; as upstream reads them, they are worth more.
        let vocabulary = #"[["<unk>", 0.0], ["x", -9.848818745534865], ["xx", -19.69763749106973]]"#
        let tokenizer = try ConfigurationTests.tokenizer(
            #"{"model": {"type": "Unigram", "unk_id": 0, "vocab": \#(vocabulary)}, "added_tokens": []}"#)
        #expect(try tokenizer.encode("xx").ids == [1, 1])
    }

    @Test(arguments: ["(a{1,100}){1,100}b", "((ab|c){0,40}d){0,40}", "(?:x+y){500,2000}"])
    func expressionsThatAreTooBig(pattern: String) throws {
        let file = ConfigurationTests.small.replacing(
            #"{"type": "WhitespaceSplit"}"#,
            with: #"{"type": "Split", "pattern": {"Regex": "\#(pattern)"}, "behavior": "Isolated", "invert": false}"#)
        try #require(file != ConfigurationTests.small)
        let error = #expect(throws: TokenizerError.self) { try ConfigurationTests.tokenizer(file) }
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("\"\(pattern)\", the expression is too big: ") == true)
    }

    /// A cache that is too small for the words gives what no cache gives.
    @Test func manyWords() throws {
        let tokenizer = try Fixtures.tokenizer("legacy-roberta")
        let words = (0..<48_000).map { "word\($0 &* 7919 % 48_017)" }
        let (first, second) = (words[..<24_000], words[24_000...])
        let together = try tokenizer.encode(words.joined(separator: " "), addSpecialTokens: false).ids
        for text in [first, second] {
            let fresh = try Fixtures.tokenizer("legacy-roberta")
            let joined = text.joined(separator: " ")
            let input = text.startIndex == 0 ? joined : " " + joined
            let alone = try fresh.encode(input, addSpecialTokens: false).ids
            let again = try tokenizer.encode(input, addSpecialTokens: false).ids
            #expect(alone == again)
            let part = text.startIndex == 0 ? together.prefix(alone.count) : together.suffix(alone.count)
            #expect(part.elementsEqual(alone))
        }
    }

    @Test func oneCacheForManyThreads() async throws {
        let tokenizer = try Fixtures.tokenizer("legacy-roberta")
        let text = (0..<20_000).map { "w\($0 % 9_000)" }.joined(separator: " ")
        let expected = try Fixtures.tokenizer("legacy-roberta").encode(text).ids
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { (try? tokenizer.encode(text).ids) == expected } }
            for await isRight in group { #expect(isRight) }
        }
    }
}
